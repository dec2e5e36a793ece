package plots

import (
	"cmp"
	"maps"
	"slices"
)

// registry has the figures of one kind, which add themselves in the init of their files.
type registry[F any] struct {
	kind  string                            // in words, for the programmer who adds one twice
	place func(*F) (name string, order int) // of a figure
	named map[string]*F
}

func newRegistry[F any](kind string, place func(*F) (name string, order int)) registry[F] {
	return registry[F]{kind, place, map[string]*F{}}
}

func (r registry[F]) add(f F) {
	name, _ := r.place(&f)
	if r.named[name] != nil {
		panic("plots: " + r.kind + " " + name + " is registered twice")
	}
	r.named[name] = &f
}

// find is the figure of a name, or nil.
func (r registry[F]) find(name string) *F { return r.named[name] }

// list has them in the order in which a report shows them.
func (r registry[F]) list() []*F {
	return slices.SortedFunc(maps.Values(r.named), func(a, b *F) int {
		nameA, orderA := r.place(a)
		nameB, orderB := r.place(b)
		return cmp.Or(cmp.Compare(orderA, orderB), cmp.Compare(nameA, nameB))
	})
}
