package finetime

import (
	"container/heap"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// waker makes the program look at its timers at given moments.
type waker struct {
	open sync.Once
	fd   int
	file *os.File // of fd; nil where the system gives none, and timers are as coarse as Go's

	mu    sync.Mutex
	due   moments
	awake bool // a goroutine reads the file
}

var shared waker

func wakeAt(t time.Time) { shared.wakeAt(t) }

// wakeAt sets a moment. A timer that is stopped leaves its moment behind: to wake in vain
// does no harm.
func (w *waker) wakeAt(t time.Time) {
	w.open.Do(w.create)
	if w.file == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	heap.Push(&w.due, t)
	if w.due[0].Equal(t) {
		w.arm()
	}
	if !w.awake {
		w.awake = true
		go w.run()
	}
}

func (w *waker) create() {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err == nil {
		w.fd, w.file = fd, os.NewFile(uintptr(fd), "timerfd")
	}
}

// arm sets the file's clock to the first moment. Under the lock, with a moment at least. An
// error can't be: the fd and the value are good.
func (w *waker) arm() {
	left := max(time.Until(w.due[0]), 1) // 0 would disarm it
	_ = unix.TimerfdSettime(w.fd, 0, &unix.ItimerSpec{Value: unix.NsecToTimespec(int64(left))}, nil)
}

// run reads the file until no moment is left. That epoll_wait returns for it is all that
// is wanted: the scheduler then looks at its timers.
func (w *waker) run() {
	var expirations [8]byte
	for {
		_, err := w.file.Read(expirations[:])
		w.mu.Lock()
		for now := time.Now(); len(w.due) > 0 && (err != nil || !w.due[0].After(now)); {
			heap.Pop(&w.due)
		}
		if len(w.due) == 0 {
			w.awake = false
			w.mu.Unlock()
			return
		}
		w.arm()
		w.mu.Unlock()
	}
}

// moments is a heap, the first one on top.
type moments []time.Time

func (m moments) Len() int           { return len(m) }
func (m moments) Less(i, j int) bool { return m[i].Before(m[j]) }
func (m moments) Swap(i, j int)      { m[i], m[j] = m[j], m[i] }
func (m *moments) Push(x any)        { *m = append(*m, x.(time.Time)) }
func (m *moments) Pop() any {
	last := len(*m) - 1
	t := (*m)[last]
	*m = (*m)[:last]
	return t
}
