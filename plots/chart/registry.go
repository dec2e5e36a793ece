package chart

import (
	"cmp"
	"maps"
	"slices"
)

// Registry has the figures of one kind, which register themselves in the init of their files.
type Registry[F any] struct {
	kind  string                            // in words, for the programmer who adds one twice
	place func(*F) (name string, order int) // of a figure
	named map[string]*F
}

func NewRegistry[F any](kind string, place func(*F) (name string, order int)) Registry[F] {
	return Registry[F]{kind, place, map[string]*F{}}
}

func (r Registry[F]) Add(f F) {
	name, _ := r.place(&f)
	if r.named[name] != nil {
		panic("plots: " + r.kind + " " + name + " is registered twice")
	}
	r.named[name] = &f
}

// Named is the figure of a name, or nil.
func (r Registry[F]) Named(name string) *F { return r.named[name] }

// List has them in report order.
func (r Registry[F]) List() []*F {
	return slices.SortedFunc(maps.Values(r.named), func(a, b *F) int {
		nameA, orderA := r.place(a)
		nameB, orderB := r.place(b)
		return cmp.Or(cmp.Compare(orderA, orderB), cmp.Compare(nameA, nameB))
	})
}
