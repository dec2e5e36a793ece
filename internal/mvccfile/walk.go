package mvccfile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
)

// PageError is what is wrong with a page of a database file.
type PageError struct {
	Page uint64 // its number, from 0
	Why  string
}

func (e *PageError) Error() string {
	return fmt.Sprintf("page %d of the database is damaged: %s", e.Page, e.Why)
}

// ErrNoDatabase is the error of a file that does not begin as bbolt's do.
var ErrNoDatabase = errors.New("it is not a database of bbolt")

// The layout of bbolt's files (bbolt 1.4, internal/common). All numbers are little-endian, as on the machines that
// etcd supports.
const (
	headerSize = 16 // of a page: its number, flags, count of elements, and pages that follow
	elemSize   = 16 // of an element's head, on branches and leaves
	metaSize   = 56 // without its checksum
	bucketHead = 16 // root page and sequence

	magic    = 0xED0CDAED
	version  = 2
	isBranch = 0x01
	isLeaf   = 0x02
	isMeta   = 0x04
	isFree   = 0x10
	isBucket = 0x01 // flag of an element

	noFreelist = ^uint64(0)
	deepest    = 64 // more levels than any file has
	leastPage  = 1 << 10
	mostPage   = 1 << 16
)

// IsDatabase reports whether one of the two pages with which a file of bbolt begins is there, on either size of page:
// not what state the file is in.
func IsDatabase(file io.ReaderAt) bool {
	for at := int64(0); at <= mostPage; at = max(2*at, leastPage) {
		var b [4]byte
		if n, _ := file.ReadAt(b[:], at+headerSize); n == len(b) && binary.LittleEndian.Uint32(b[:]) == magic {
			return true
		}
	}
	return false
}

// Walk reads every page of a database file that can be reached, and checks that each is what bbolt takes it for:
// bbolt itself panics at a page that is damaged, or reads behind it. each is called for every bucket, with its name
// alone, and for each of its keys in order; what it gets is valid only until it returns. Errors: ErrNoDatabase, a
// PageError, those of reading, and each's own.
func Walk(file io.ReaderAt, size int64, each func(bucket string, key, value []byte) error) error {
	w := &walker{file: file, size: size, each: each}
	if err := w.open(); err != nil {
		return err
	}
	w.seen = make([]uint64, w.pages/64+1)
	if err := w.freelist(); err != nil {
		return err
	}
	return w.bucket("", w.root)
}

// walker is a walk under way.
type walker struct {
	file io.ReaderAt
	size int64
	each func(bucket string, key, value []byte) error

	page        int64  // bytes of one
	root, free  uint64 // pages
	pages       uint64 // below this number
	transaction uint64
	seen        []uint64 // a bit for each page
}

// open finds the newer one of the two heads that is valid, as bbolt does.
func (w *walker) open() error {
	found := false
	for page := int64(leastPage); page <= mostPage && !found; page *= 2 {
		for at := int64(0); at <= page; at += page {
			ok, err := w.head(at, page)
			if err != nil {
				return err
			}
			found = found || ok
		}
	}
	if !found {
		return ErrNoDatabase
	}
	return nil
}

// head reads one of the heads; false: it is not valid, or is that of a file with pages of another size.
func (w *walker) head(at, page int64) (bool, error) {
	b := make([]byte, headerSize+metaSize+8)
	if n, err := w.file.ReadAt(b, at); n < len(b) {
		if errors.Is(err, io.EOF) {
			return false, nil
		}
		return false, err
	}
	m := b[headerSize:]
	sum := fnv.New64a()
	_, _ = sum.Write(m[:metaSize])
	switch {
	case binary.LittleEndian.Uint16(b[8:]) != isMeta, binary.LittleEndian.Uint32(m) != magic,
		binary.LittleEndian.Uint32(m[4:]) != version, sum.Sum64() != binary.LittleEndian.Uint64(m[metaSize:]),
		int64(binary.LittleEndian.Uint32(m[8:])) != page:
		return false, nil
	}
	transaction := binary.LittleEndian.Uint64(m[48:])
	if w.page == 0 || transaction > w.transaction {
		w.page, w.transaction = page, transaction
		w.root, w.free, w.pages = binary.LittleEndian.Uint64(m[16:]), binary.LittleEndian.Uint64(m[32:]),
			binary.LittleEndian.Uint64(m[40:])
		w.pages = min(w.pages, uint64(w.size/page)+1)
	}
	return true, nil
}

// take reads a page with all that belong to it, and marks it: no page has two places in a file.
func (w *walker) take(n uint64, kinds uint16) (page []byte, err error) {
	bad := func(format string, args ...any) error { return &PageError{n, fmt.Sprintf(format, args...)} }
	if n < 2 || n >= w.pages {
		return nil, bad("there are pages 2 to %d", w.pages-1)
	}
	head := make([]byte, headerSize)
	if err := w.read(n, head); err != nil {
		return nil, err
	}
	flags, more := binary.LittleEndian.Uint16(head[8:]), uint64(binary.LittleEndian.Uint32(head[12:]))
	switch id := binary.LittleEndian.Uint64(head); {
	case id != n:
		return nil, bad("it says that it is page %d", id)
	case flags&(flags-1) != 0 || flags&kinds == 0:
		return nil, bad("it is of kind %#x, which can't be here", flags)
	case more >= w.pages-n:
		return nil, bad("it goes on for %d pages, behind the end of the file", more)
	}
	for i := n; i <= n+more; i++ {
		if w.seen[i/64]>>(i%64)&1 == 1 {
			return nil, &PageError{i, "two others point to it"}
		}
		w.seen[i/64] |= 1 << (i % 64)
	}
	page = make([]byte, int64(more+1)*w.page)
	return page, w.read(n, page)
}

func (w *walker) read(n uint64, into []byte) error {
	got, err := w.file.ReadAt(into, int64(n)*w.page)
	if got == len(into) {
		return nil
	}
	if errors.Is(err, io.EOF) {
		return &PageError{n, "the file ends before it does"}
	}
	return err
}

// freelist checks the list of free pages, which a file need not have.
func (w *walker) freelist() error {
	if w.free == noFreelist {
		return nil
	}
	page, err := w.take(w.free, isFree)
	if err != nil {
		return err
	}
	const manyFree = 0xffff // then the number is the first of the list
	ids := page[headerSize:]
	n := uint64(binary.LittleEndian.Uint16(page[10:]))
	if n == manyFree {
		if n, ids = binary.LittleEndian.Uint64(ids), ids[8:]; n > uint64(len(ids)/8) {
			return &PageError{w.free, fmt.Sprintf("it has no room for %d free pages", n)}
		}
	}
	if n > uint64(len(ids)/8) {
		return &PageError{w.free, fmt.Sprintf("it has no room for %d free pages", n)}
	}
	for i := range n {
		id := binary.LittleEndian.Uint64(ids[8*i:])
		if id < 2 || id >= w.pages || w.seen[id/64]>>(id%64)&1 == 1 {
			return &PageError{w.free, fmt.Sprintf("page %d can't be free, or is twice", id)}
		}
		w.seen[id/64] |= 1 << (id % 64)
	}
	return nil
}

// bucket walks through a bucket from its root page on.
func (w *walker) bucket(name string, root uint64) error {
	var last []byte
	return w.tree(name, root, &last, 0)
}

// tree walks through the pages below one. last is the key before, which all keys have to follow.
func (w *walker) tree(name string, n uint64, last *[]byte, depth int) error {
	if depth > deepest {
		return &PageError{n, "there are too many levels above it"}
	}
	page, err := w.take(n, isBranch|isLeaf)
	if err != nil {
		return err
	}
	if binary.LittleEndian.Uint16(page[8:]) == isLeaf {
		return w.leaf(name, n, page, last, depth)
	}
	elems, err := elements(n, page)
	if err != nil {
		return err
	}
	if len(elems) == 0 {
		return &PageError{n, "a branch without children"}
	}
	for i, e := range elems {
		if i > 0 && bytes.Compare(elems[i-1].key, e.key) >= 0 || *last != nil && bytes.Compare(*last, e.key) >= 0 {
			return &PageError{n, "its keys are out of order"}
		}
		before := *last
		if err := w.tree(name, e.child, last, depth+1); err != nil {
			return err
		}
		if bytes.Equal(before, *last) && *last != nil || i+1 < len(elems) && bytes.Compare(*last, elems[i+1].key) >= 0 {
			return &PageError{n, "its keys are not those of its children"}
		}
	}
	return nil
}

// leaf hands out the keys of a leaf, and walks through the buckets that are in it.
func (w *walker) leaf(name string, n uint64, page []byte, last *[]byte, depth int) error {
	elems, err := elements(n, page)
	if err != nil {
		return err
	}
	for _, e := range elems {
		if *last != nil && bytes.Compare(*last, e.key) >= 0 {
			return &PageError{n, "its keys are out of order"}
		}
		*last = e.key
		if e.flags&isBucket == 0 {
			if err := w.each(name, e.key, e.value); err != nil {
				return err
			}
			continue
		}
		if err := w.within(string(e.key), n, e.value, depth); err != nil {
			return err
		}
	}
	return nil
}

// within walks through a bucket that is the value of a key: its pages, or, if it is small, its one page in the value.
func (w *walker) within(name string, n uint64, value []byte, depth int) error {
	if len(value) < bucketHead {
		return &PageError{n, fmt.Sprintf("the bucket %q has no head", name)}
	}
	if err := w.each(name, nil, nil); err != nil {
		return err
	}
	if root := binary.LittleEndian.Uint64(value); root != 0 {
		return w.bucket(name, root)
	}
	page := value[bucketHead:]
	if len(page) < headerSize || binary.LittleEndian.Uint16(page[8:]) != isLeaf || depth > deepest {
		return &PageError{n, fmt.Sprintf("the bucket %q in it is no leaf", name)}
	}
	var last []byte
	return w.leaf(name, n, page, &last, depth+1)
}

// element is one of a page.
type element struct {
	flags      uint32
	key, value []byte
	child      uint64 // of a branch
}

// elements reads those of a branch or a leaf. An element says where its key is, counted from itself.
func elements(n uint64, page []byte) (list []element, err error) {
	branch := binary.LittleEndian.Uint16(page[8:]) == isBranch
	count := int(binary.LittleEndian.Uint16(page[10:]))
	if headerSize+count*elemSize > len(page) {
		return nil, &PageError{n, fmt.Sprintf("it has no room for %d elements", count)}
	}
	for i := range count {
		from := headerSize + i*elemSize
		h := page[from:]
		var e element
		var at, keys, values uint64
		if branch {
			at, keys = uint64(binary.LittleEndian.Uint32(h)), uint64(binary.LittleEndian.Uint32(h[4:]))
			e.child = binary.LittleEndian.Uint64(h[8:])
		} else {
			e.flags, at = binary.LittleEndian.Uint32(h), uint64(binary.LittleEndian.Uint32(h[4:]))
			keys, values = uint64(binary.LittleEndian.Uint32(h[8:])), uint64(binary.LittleEndian.Uint32(h[12:]))
		}
		at += uint64(from)
		if at < uint64(headerSize+count*elemSize) || at+keys+values > uint64(len(page)) {
			return nil, &PageError{n, fmt.Sprintf("element %d of %d lies outside of it", i+1, count)}
		}
		if e.flags&^isBucket != 0 {
			return nil, &PageError{n, fmt.Sprintf("element %d of %d is of kind %#x", i+1, count, e.flags)}
		}
		e.key, e.value = page[at:at+keys:at+keys], page[at+keys:at+keys+values:at+keys+values]
		list = append(list, e)
	}
	return list, nil
}
