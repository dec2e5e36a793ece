package world

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/sys"
)

// errno is what a call answers (WASI preview 1); 0 is success.
type errno uint32

const (
	badDescriptor errno = 8
	exists        errno = 20
	invalid       errno = 28
	isFolder      errno = 31
	noEntry       errno = 44
	notSupported  errno = 58
	notFolder     errno = 54
	notEmpty      errno = 55
)

// Flags of path_open.
const (
	openCreate = 1 << iota
	openFolder
	openExclusive
	openTruncate
)

// mayWrite is among the rights that path_open is asked for.
const mayWrite = 1 << 6

// Kinds of files.
const (
	charDevice = 2
	folderKind = 3
	fileKind   = 4
)

// descriptor is an open file, folder or stream.
type descriptor struct {
	node   *node // nil: a stream
	write  func([]byte) error
	read   []byte // what is left of an input
	pos    int
	append bool
	name   string // of a folder that is there from the start
}

// call is one call of a module, with its arguments, while it is answered.
type call struct {
	w   *instance
	mem api.Memory
	a   []uint64
}

// end ends the run from within a call. wazero hands a panic with this error up to who runs the module.
func (c *call) end(err error) {
	c.w.failed = err
	panic(sys.NewExitError(1))
}

func (c *call) u32(i int) uint32 { return uint32(c.a[i]) }

// view is a part of the module's memory; one that asks for what it does not have is ended.
func (c *call) view(at, size uint32) []byte {
	b, ok := c.mem.Read(at, size)
	if !ok {
		c.end(fmt.Errorf("the module passed %d bytes at %d, which it does not have", size, at))
	}
	return b
}

func (c *call) put32(at, v uint32)        { binary.LittleEndian.PutUint32(c.view(at, 4), v) }
func (c *call) put64(at uint32, v uint64) { binary.LittleEndian.PutUint64(c.view(at, 8), v) }

func (c *call) text(at, size uint32) string { return string(c.view(at, size)) }

// opened is an open descriptor.
func (c *call) opened(i int) (*descriptor, errno) {
	if fd := c.u32(i); int(fd) < len(c.w.open) && c.w.open[fd] != nil {
		return c.w.open[fd], 0
	}
	return nil, badDescriptor
}

// file is an open file, no folder and no stream.
func (c *call) file(i int) (*descriptor, errno) {
	d, no := c.opened(i)
	switch {
	case no != 0:
		return nil, no
	case d.node == nil:
		return nil, badDescriptor
	case d.node.folder():
		return nil, isFolder
	}
	return d, 0
}

// folder is an open folder.
func (c *call) folder(i int) (*node, errno) {
	d, no := c.opened(i)
	switch {
	case no != 0:
		return nil, no
	case d.node == nil || !d.node.folder():
		return nil, notFolder
	}
	return d.node, 0
}

// each calls f for each of the module's buffers until one is not filled, and sums up.
func (c *call) each(list, n uint32, f func(b []byte, sum int) int) (sum uint32) {
	for i := range n {
		v := c.view(list+8*i, 8)
		b := c.view(binary.LittleEndian.Uint32(v), binary.LittleEndian.Uint32(v[4:]))
		k := f(b, int(sum))
		sum += uint32(k)
		if k < len(b) {
			break
		}
	}
	return sum
}

// answers are the calls that this world knows, with the kinds of their arguments: i is 32 bits, I is 64. What a module
// imports and is not here is refused before it runs (see unknown).
var answers = map[string]struct {
	takes string
	does  func(c *call) errno
}{
	"args_sizes_get":    {"ii", func(c *call) errno { return c.sizes(c.w.args) }},
	"args_get":          {"ii", func(c *call) errno { return c.strings(c.w.args) }},
	"environ_sizes_get": {"ii", func(c *call) errno { return c.sizes(nil) }},
	"environ_get":       {"ii", func(c *call) errno { return c.strings(nil) }},

	"clock_time_get": {"iIi", func(c *call) errno {
		c.w.now += 1000
		now := uint64(c.w.now)
		if c.u32(0) == 0 {
			now += epoch
		}
		c.put64(c.u32(2), now)
		return 0
	}},
	"random_get": {"ii", func(c *call) errno {
		c.w.random.fill(c.view(c.u32(0), c.u32(1)))
		return 0
	}},
	"poll_oneoff": {"iiii", (*call).poll},
	"sched_yield": {"", func(*call) errno { return 0 }},
	"proc_exit": {"i", func(c *call) errno {
		panic(sys.NewExitError(c.u32(0)))
	}},

	"fd_close": {"i", func(c *call) errno {
		if _, no := c.opened(0); no != 0 {
			return no
		}
		c.w.open[c.u32(0)] = nil
		return 0
	}},
	"fd_sync":     {"i", func(c *call) errno { _, no := c.opened(0); return no }},
	"fd_datasync": {"i", func(c *call) errno { _, no := c.opened(0); return no }},
	"fd_fdstat_get": {"ii", func(c *call) errno {
		d, no := c.opened(0)
		if no != 0 {
			return no
		}
		b := c.view(c.u32(1), 24)
		clear(b)
		b[0] = d.kind()
		if d.append {
			b[2] = 1
		}
		binary.LittleEndian.PutUint64(b[8:], 1<<30-1)
		binary.LittleEndian.PutUint64(b[16:], 1<<30-1)
		return 0
	}},
	"fd_fdstat_set_flags": {"ii", func(c *call) errno {
		d, no := c.opened(0)
		switch {
		case no != 0:
			return no
		case d.node == nil || c.u32(1)&^1 != 0:
			return notSupported
		}
		d.append = c.u32(1)&1 != 0
		return 0
	}},
	"fd_filestat_get": {"ii", func(c *call) errno {
		d, no := c.opened(0)
		if no == 0 {
			c.stat(c.u32(1), d.node)
		}
		return no
	}},
	"fd_filestat_set_size": {"iI", func(c *call) errno {
		d, no := c.file(0)
		if no == 0 {
			d.node.resize(c.place(1))
		}
		return no
	}},
	"fd_filestat_set_times": {"iIIi", func(c *call) errno { _, no := c.opened(0); return no }},
	"fd_prestat_get": {"ii", func(c *call) errno {
		d, no := c.opened(0)
		if no != 0 || d.name == "" {
			return badDescriptor
		}
		c.put32(c.u32(1), 0)
		c.put32(c.u32(1)+4, uint32(len(d.name)))
		return 0
	}},
	"fd_prestat_dir_name": {"iii", func(c *call) errno {
		d, no := c.opened(0)
		if no != 0 || d.name == "" {
			return badDescriptor
		}
		copy(c.view(c.u32(1), c.u32(2)), d.name)
		return 0
	}},
	"fd_read": {"iiii", func(c *call) errno {
		d, no := c.opened(0)
		switch {
		case no != 0:
			return no
		case d.node == nil && d.write != nil:
			return badDescriptor
		case d.node != nil && d.node.folder():
			return isFolder
		}
		c.put32(c.u32(3), c.each(c.u32(1), c.u32(2), func(b []byte, _ int) int {
			n := 0
			if d.node != nil {
				n = d.node.readAt(b, d.pos)
			} else {
				n = copy(b, d.read)
				d.read = d.read[n:]
			}
			d.pos += n
			return n
		}))
		return 0
	}},
	"fd_pread": {"iiiIi", func(c *call) errno {
		d, no := c.file(0)
		if no != 0 {
			return no
		}
		at := c.place(3)
		c.put32(c.u32(4), c.each(c.u32(1), c.u32(2), func(b []byte, sum int) int { return d.node.readAt(b, at+sum) }))
		return 0
	}},
	"fd_write": {"iiii", func(c *call) errno {
		d, no := c.opened(0)
		switch {
		case no != 0:
			return no
		case d.node == nil && d.write == nil:
			return badDescriptor
		case d.node != nil && d.node.folder():
			return isFolder
		}
		if d.append {
			d.pos = len(d.node.data)
		}
		c.put32(c.u32(3), c.each(c.u32(1), c.u32(2), func(b []byte, _ int) int {
			if d.node == nil {
				if err := d.write(b); err != nil {
					c.end(err)
				}
				return len(b)
			}
			n := d.node.writeAt(b, d.pos)
			d.pos += n
			return n
		}))
		return 0
	}},
	"fd_pwrite": {"iiiIi", func(c *call) errno {
		d, no := c.file(0)
		if no != 0 {
			return no
		}
		at := c.place(3)
		c.put32(c.u32(4), c.each(c.u32(1), c.u32(2), func(b []byte, sum int) int { return d.node.writeAt(b, at+sum) }))
		return 0
	}},
	"fd_seek": {"iIii", func(c *call) errno {
		d, no := c.file(0)
		if no != 0 {
			return no
		}
		to := int64(c.a[1])
		switch c.u32(2) {
		case 0:
		case 1:
			to += int64(d.pos)
		case 2:
			to += int64(len(d.node.data))
		default:
			return invalid
		}
		if to < 0 || to > mostFile {
			return invalid
		}
		d.pos = int(to)
		c.put64(c.u32(3), uint64(to))
		return 0
	}},
	"fd_readdir": {"iiiIi", (*call).list},

	"path_create_directory": {"iii", func(c *call) errno {
		at, no := c.folder(0)
		if no != 0 {
			return no
		}
		return c.w.files.makeFolder(at, c.text(c.u32(1), c.u32(2)))
	}},
	"path_filestat_get": {"iiiii", func(c *call) errno {
		at, no := c.folder(0)
		if no != 0 {
			return no
		}
		_, _, n, no := find(at, c.text(c.u32(2), c.u32(3)))
		switch {
		case no != 0:
			return no
		case n == nil:
			return noEntry
		}
		c.stat(c.u32(4), n)
		return 0
	}},
	"path_filestat_set_times": {"iiiiIIi", func(c *call) errno { _, no := c.folder(0); return no }},
	"path_open": {"iiiiiIIii", func(c *call) errno {
		at, no := c.folder(0)
		if no != 0 {
			return no
		}
		n, no := c.w.files.open(at, c.text(c.u32(2), c.u32(3)), c.u32(4), c.a[5]&mayWrite != 0)
		if no != 0 {
			return no
		}
		c.put32(c.u32(8), c.w.take(&descriptor{node: n, append: c.u32(7)&1 != 0}))
		return 0
	}},
	"path_readlink": {"iiiiii", func(*call) errno { return invalid }}, // nothing is a link
	"path_remove_directory": {"iii", func(c *call) errno {
		at, no := c.folder(0)
		if no != 0 {
			return no
		}
		return remove(at, c.text(c.u32(1), c.u32(2)), true)
	}},
	"path_unlink_file": {"iii", func(c *call) errno {
		at, no := c.folder(0)
		if no != 0 {
			return no
		}
		return remove(at, c.text(c.u32(1), c.u32(2)), false)
	}},
	"path_rename": {"iiiiii", func(c *call) errno {
		from, no := c.folder(0)
		if no != 0 {
			return no
		}
		to, no := c.folder(3)
		if no != 0 {
			return no
		}
		return rename(from, c.text(c.u32(1), c.u32(2)), to, c.text(c.u32(4), c.u32(5)))
	}},

	// Every program of Go imports these; one that calls them wants what is not here.
	"path_link":     {"iiiiiii", refused("a hard link")},
	"path_symlink":  {"iiiii", refused("a symbolic link")},
	"sock_accept":   {"iii", refused("a network connection")},
	"sock_shutdown": {"ii", refused("a network connection")},
}

// refused ends a run that asks for what there is not.
func refused(what string) func(*call) errno {
	return func(c *call) errno {
		c.end(fmt.Errorf("the module asked for %s, and its world has none", what))
		return notSupported
	}
}

// mostFile is how long a file may be, in bytes: as long as all memory that a module can have.
const mostFile = 4 << 30

// place is an argument that is a place in a file.
func (c *call) place(i int) int {
	if c.a[i] > mostFile {
		c.end(fmt.Errorf("the module asked for byte %d of a file; the most is %d", c.a[i], uint64(mostFile)))
	}
	return int(c.a[i])
}

func (c *call) sizes(list []string) errno {
	size := 0
	for _, s := range list {
		size += len(s) + 1
	}
	c.put32(c.u32(0), uint32(len(list)))
	c.put32(c.u32(1), uint32(size))
	return 0
}

func (c *call) strings(list []string) errno {
	at, to := c.u32(0), c.u32(1)
	for _, s := range list {
		c.put32(at, to)
		b := c.view(to, uint32(len(s)+1))
		b[copy(b, s)] = 0
		at, to = at+4, to+uint32(len(b))
	}
	return 0
}

func (d *descriptor) kind() byte {
	switch {
	case d.node == nil:
		return charDevice
	case d.node.folder():
		return folderKind
	}
	return fileKind
}

// stat tells what a node is; nil is a stream.
func (c *call) stat(at uint32, n *node) {
	b := c.view(at, 64)
	clear(b)
	binary.LittleEndian.PutUint64(b, 1)
	b[16] = (&descriptor{node: n}).kind()
	binary.LittleEndian.PutUint64(b[24:], 1)
	if n != nil {
		binary.LittleEndian.PutUint64(b[8:], n.inode)
		binary.LittleEndian.PutUint64(b[32:], uint64(len(n.data)))
	}
}

// poll lets the time pass that the module sleeps for. Everything else that it may wait for is ready.
func (c *call) poll() errno {
	in, out, n := c.u32(0), c.u32(1), c.u32(2)
	for i := range n {
		s := c.view(in+48*i, 48)
		user, kind := binary.LittleEndian.Uint64(s), s[8]
		if kind == 0 {
			if s[40]&1 != 0 {
				c.end(errors.New("the module sleeps until a time, and its world knows only how long"))
			}
			c.w.now += int64(binary.LittleEndian.Uint64(s[24:]))
		}
		e := c.view(out+32*i, 32)
		clear(e)
		binary.LittleEndian.PutUint64(e, user)
		e[10] = kind
	}
	c.put32(c.u32(3), n)
	return 0
}

// list writes a folder's entries from a place on, as many as there is room for; the last one may be cut.
func (c *call) list() errno {
	n, no := c.folder(0)
	if no != 0 {
		return no
	}
	room, used := c.view(c.u32(1), c.u32(2)), 0
	names := n.names()
	for i := c.place(3); i < len(names) && used < len(room); i++ {
		child := n.dir[names[i]]
		entry := make([]byte, 24, 24+len(names[i]))
		binary.LittleEndian.PutUint64(entry, uint64(i+1))
		binary.LittleEndian.PutUint64(entry[8:], child.inode)
		binary.LittleEndian.PutUint32(entry[16:], uint32(len(names[i])))
		entry[20] = (&descriptor{node: child}).kind()
		used += copy(room[used:], append(entry, names[i]...))
	}
	c.put32(c.u32(4), uint32(used))
	return 0
}

// offer makes the calls available to modules.
func offer(ctx context.Context, r wazero.Runtime) error {
	b := r.NewHostModuleBuilder("wasi_snapshot_preview1")
	for name, a := range answers {
		var takes []api.ValueType
		for _, k := range a.takes {
			if k == 'I' {
				takes = append(takes, api.ValueTypeI64)
			} else {
				takes = append(takes, api.ValueTypeI32)
			}
		}
		gives := []api.ValueType{api.ValueTypeI32}
		if name == "proc_exit" {
			gives = nil
		}
		does := a.does
		b.NewFunctionBuilder().WithGoModuleFunction(api.GoModuleFunc(func(ctx context.Context, m api.Module, stack []uint64) {
			no := does(&call{ctx.Value(running{}).(*instance), m.Memory(), stack})
			if len(stack) > 0 {
				stack[0] = uint64(no)
			}
		}), takes, gives).Export(name)
	}
	_, err := b.Instantiate(ctx)
	return err
}
