package world

import (
	"slices"
	"strings"
)

// files are a tree of files in memory. They give nothing of the host away: inode numbers count up from 1, which is the
// root, times are zero, and folders list by name.
type files struct {
	root   *node
	inodes uint64
}

// node is a file or a folder.
type node struct {
	inode  uint64
	parent *node // of a folder
	dir    map[string]*node
	data   []byte
}

func newFiles() *files {
	f := &files{}
	f.root = f.add(nil, "", true)
	return f
}

// add makes a node.
func (f *files) add(parent *node, name string, folder bool) *node {
	f.inodes++
	n := &node{inode: f.inodes}
	if folder {
		n.dir, n.parent = map[string]*node{}, parent
	}
	if parent != nil {
		parent.dir[name] = n
	}
	return n
}

func (n *node) folder() bool { return n.dir != nil }

// find looks a path up from a folder: what is there, nil for nothing, and where it is or would be. For the folder
// itself the name is empty.
func find(at *node, path string) (parent *node, name string, n *node, no errno) {
	n = at
	for part := range strings.SplitSeq(path, "/") {
		switch {
		case part == "" || part == ".":
			continue
		case n == nil:
			return nil, "", nil, noEntry
		case !n.folder():
			return nil, "", nil, notFolder
		}
		parent, name = n, part
		if part != ".." {
			n = n.dir[part]
			continue
		}
		parent, name = nil, ""
		if n.parent != nil {
			n = n.parent
		}
	}
	return parent, name, n, 0
}

// open opens a file or folder, and makes or empties it as the flags say.
func (f *files) open(at *node, path string, flags uint32, writes bool) (*node, errno) {
	parent, name, n, no := find(at, path)
	switch {
	case no != 0:
		return nil, no
	case n == nil && flags&openCreate == 0:
		return nil, noEntry
	case n == nil:
		return f.add(parent, name, false), 0
	case flags&(openCreate|openExclusive) == openCreate|openExclusive:
		return nil, exists
	case flags&openFolder != 0 && !n.folder():
		return nil, notFolder
	case (writes || flags&openTruncate != 0) && n.folder():
		return nil, isFolder
	}
	if flags&openTruncate != 0 {
		n.data = nil
	}
	return n, 0
}

// makeFolder makes a folder.
func (f *files) makeFolder(at *node, path string) errno {
	parent, name, n, no := find(at, path)
	switch {
	case no != 0:
		return no
	case n != nil:
		return exists
	}
	f.add(parent, name, true)
	return 0
}

// remove removes a file, or an empty folder.
func remove(at *node, path string, folder bool) errno {
	parent, name, n, no := find(at, path)
	switch {
	case no != 0:
		return no
	case n == nil:
		return noEntry
	case parent == nil:
		return invalid
	case folder && !n.folder():
		return notFolder
	case !folder && n.folder():
		return isFolder
	case len(n.dir) > 0:
		return notEmpty
	}
	delete(parent.dir, name)
	return 0
}

// rename moves a file or folder, and replaces what is there if the two are of one kind.
func rename(from *node, path string, to *node, dest string) errno {
	parent, name, n, no := find(from, path)
	if no != 0 {
		return no
	}
	into, as, old, no := find(to, dest)
	switch {
	case no != 0:
		return no
	case n == nil:
		return noEntry
	case parent == nil || into == nil:
		return invalid
	case n == old:
		return 0
	case old != nil && old.folder() && !n.folder():
		return isFolder
	case old != nil && !old.folder() && n.folder():
		return notFolder
	case old != nil && len(old.dir) > 0:
		return notEmpty
	}
	for up := into; up != nil; up = up.parent {
		if up == n {
			return invalid // into itself
		}
	}
	delete(parent.dir, name)
	into.dir[as] = n
	if n.folder() {
		n.parent = into
	}
	return 0
}

// resize makes a file longer, with zeros, or shorter.
func (n *node) resize(size int) {
	if old := len(n.data); size < old {
		clear(n.data[size:])
	} else if size > cap(n.data) {
		n.data = slices.Grow(n.data, size-old)
	}
	n.data = n.data[:size]
}

// readAt copies from a place on; past the end there is nothing.
func (n *node) readAt(p []byte, at int) int {
	if at >= len(n.data) {
		return 0
	}
	return copy(p, n.data[at:])
}

// writeAt writes at a place, with zeros between the end and there.
func (n *node) writeAt(p []byte, at int) int {
	if end := at + len(p); end > len(n.data) {
		n.resize(end)
	}
	return copy(n.data[at:], p)
}

// names lists a folder.
func (n *node) names() []string {
	names := make([]string, 0, len(n.dir))
	for name := range n.dir {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
