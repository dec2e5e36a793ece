package check

// paged is a table by index that is dense where indexes are: a list of pages, so
// that finding an element is two loads, growing copies nothing, and one huge index
// from a damaged trace costs one page.
type paged[T any] struct {
	near []*page[T]
	far  map[uint64]*page[T] // pages from maxNear on
}

const (
	pageBits = 4       // small, for the sake of many short runs
	maxNear  = 1 << 17 // pages: two million elements
)

type page[T any] [1 << pageBits]T

// at is the element's place, which stays the same.
func (t *paged[T]) at(i uint64) *T {
	n := i >> pageBits
	if n < uint64(len(t.near)) {
		if p := t.near[n]; p != nil {
			return &p[i%(1<<pageBits)]
		}
	}
	return &t.add(n)[i%(1<<pageBits)]
}

// add finds or makes a page that is not in near.
func (t *paged[T]) add(n uint64) *page[T] {
	if n >= maxNear {
		if t.far == nil {
			t.far = map[uint64]*page[T]{}
		}
		if t.far[n] == nil {
			t.far[n] = new(page[T])
		}
		return t.far[n]
	}
	for uint64(len(t.near)) <= n {
		t.near = append(t.near, nil)
	}
	t.near[n] = new(page[T])
	return t.near[n]
}
