package guard

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"
)

// Role is the guard's name among the helpers.
const Role = "guard"

// Main is the guard itself.
func Main() int {
	signal.Ignore(os.Interrupt, syscall.SIGHUP)
	return watch(os.Stdin)
}

// watch takes orders until the program ends, and clears up unless it said that it has.
func watch(in io.Reader) int {
	orders := json.NewDecoder(in)
	var folders []string
	processes := map[int]ending{}
	for {
		var o order
		if err := orders.Decode(&o); err != nil { // it ended, perhaps in the middle of a line
			break
		}
		switch {
		case o.Done:
			return 0
		case o.Folder != "":
			folders = append(folders, o.Folder)
		case o.Process != 0:
			processes[o.Process] = o.How
		case o.Gone != 0:
			delete(processes, o.Gone)
		}
	}
	end(processes)
	return remove(folders)
}

// quitPatience is how often the guard looks whether a process has quit before it kills it: ten seconds.
const quitPatience = 200

// end ends processes. Any of them may have ended already.
func end(processes map[int]ending) {
	var quitting []int
	for pid, how := range processes {
		switch how {
		case endGroup:
			killGroup(pid)
		case endQuit:
			if quit(pid) {
				quitting = append(quitting, pid)
			}
		default:
			kill(pid)
		}
	}
	tick := time.NewTicker(removeEvery)
	defer tick.Stop()
	for looks := 0; len(quitting) > 0; looks++ {
		<-tick.C
		quitting = slices.DeleteFunc(quitting, func(pid int) bool { return !lives(pid) })
		if looks == quitPatience {
			for _, pid := range quitting {
				kill(pid)
			}
			return
		}
	}
}

func kill(pid int) {
	if p, err := os.FindProcess(pid); err == nil {
		_ = p.Kill()
	}
}

// A process that was killed may still end the system call that it is in, and create a file by it. So
// the folders are removed until they have stayed away for a while, or the guard has lost patience.
const (
	removeEvery = 50 * time.Millisecond
	stayAway    = 4    // times
	patience    = 1200 // times
)

func remove(folders []string) (code int) {
	tick := time.NewTicker(removeEvery)
	defer tick.Stop()
	for away, tries := 0, 0; away < stayAway; tries++ {
		if tries == patience {
			return 1
		}
		away++
		for _, f := range folders {
			if _, err := os.Lstat(f); errors.Is(err, fs.ErrNotExist) {
				continue
			}
			away = 0
			_ = os.RemoveAll(f) // looked at again
		}
		<-tick.C
	}
	return 0
}
