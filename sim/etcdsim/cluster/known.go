package cluster

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"quorumlab/sim/etcdsim/cluster/clientport"
)

// KnownMember is what must be known of a member, besides its data, to resume it.
type KnownMember struct {
	Name       string `json:"name"`
	Folder     string `json:"folder"`      // inside the cluster's
	EtcdID     string `json:"etcd_id"`     // as etcdctl shows it
	PeerPort   int    `json:"peer_port"`   // the other members know it by this
	ClientPort int    `json:"client_port"` // another one will do
	Learner    bool   `json:"learner,omitempty"`
}

// Known is what must be known of the cluster's members so that another cluster can resume them
// (Options.Known). Learner is not set.
func (c *Real) Known() (list []KnownMember) {
	for _, m := range c.Members() {
		id := c.memberID(m.ID)
		c.mu.Lock()
		if m.part && id != 0 {
			list = append(list, KnownMember{
				Name: m.Name, Folder: filepath.Base(m.dir), EtcdID: strconv.FormatUint(id, 16),
				PeerPort: m.peers.Number(), ClientPort: m.clients.Number(),
			})
		}
		c.mu.Unlock()
	}
	return list
}

// recognize takes the members' ids from what is known of them.
func (c *Real) recognize() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, k := range c.opt.Known {
		id, err := strconv.ParseUint(k.EtcdID, 16, 64)
		if err != nil {
			return fmt.Errorf("the id of %s: %w", k.Name, err)
		}
		c.numbers[id] = c.members[i].ID
	}
	return nil
}

// knownMember is what is known of member n; nothing of one that is new.
func (c *Real) knownMember(n int) KnownMember {
	if n <= len(c.opt.Known) {
		return c.opt.Known[n-1]
	}
	return KnownMember{}
}

// memberFolder is the folder of member n: the one it had, or the first of its kind that another member,
// which may be gone, has not had.
func (c *Real) memberFolder(n int) string {
	if k := c.knownMember(n); k.Folder != "" {
		return filepath.Join(c.dir, k.Folder)
	}
	for i := n; ; i++ {
		dir := filepath.Join(c.dir, fmt.Sprint("member", i))
		_, err := os.Lstat(dir)
		if len(c.opt.Known) == 0 || errors.Is(err, fs.ErrNotExist) {
			return dir
		}
	}
}

// openClientPort opens the port of member n's clients: the fixed one, the one it had if that is free, or
// any.
func (c *Real) openClientPort(n int) (clientPort, error) {
	if fixed := c.opt.ClientPort; fixed > 0 {
		return clientport.ListenOn(fixed + n - 1)
	}
	p, err := clientport.ListenOn(c.knownMember(n).ClientPort)
	if err != nil {
		return clientport.Listen()
	}
	return p, nil
}
