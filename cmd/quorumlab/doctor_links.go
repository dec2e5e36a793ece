package main

import (
	"errors"
	"fmt"
	"time"

	"quorumlab/internal/guard"
	"quorumlab/sim/etcdsim/cluster/certs"
)

// linkFaults makes the certificate of a member as each cluster does, by which its requests are told from the others'.
func linkFaults(dir string) finding {
	f := finding{what: "link faults", says: "each link on the etcd engine has its own; members have private " +
		"certificates, which tell who asks whom"}
	if err := makeCertificate(dir); err != nil {
		return finding{what: f.what, says: err.Error(), bad: true}
	}
	return f
}

func makeCertificate(dir string) (err error) {
	tmp, remove, err := guard.TempDir(dir, "quorumlab-doctor-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	from, until := time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	a, err := certs.Open(tmp, "quorumlab doctor", from, until)
	if err == nil {
		_, _, err = a.Issue(tmp, "peer", certs.Profile{
			Name: "n1", Use: certs.ForServer | certs.ForClient, Loopback: true, From: from, Until: until,
		})
	}
	if err != nil {
		return fmt.Errorf("the members' certificates: %w", err)
	}
	return nil
}
