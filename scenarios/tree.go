package scenarios

import (
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// node is a value of a YAML text with its place. It is simpler than the parser's
// tree, so that overrides can be put in and every error can name its place.
type node struct {
	place  place
	kind   kind
	text   string // of a scalar
	style  style
	fields []field // of a mapping, in order; the names are unique
	items  []*node // of a sequence
}

type field struct {
	name  string
	place place
	value *node
}

// kind is the shape of a node. A value that is left out ("run:" and nothing more) or
// null is empty, and counts as not written.
type kind uint8

const (
	empty kind = iota
	scalar
	mapping
	sequence
)

func (k kind) String() string {
	return [...]string{"nothing", "one value", "a group of fields", "a list"}[k]
}

// style is how a scalar is written, which decides where its characters stand.
type style uint8

const (
	plain style = iota
	singleQuoted
	doubleQuoted
	block
)

func (n *node) field(name string) *field {
	for i := range n.fields {
		if n.fields[i].name == name {
			return &n.fields[i]
		}
	}
	return nil
}

// builder turns the parser's tree into nodes.
type builder struct {
	src      *source
	problems []PlacedProblem
}

func (b *builder) bad(at place, format string, args ...any) {
	b.problems = append(b.problems, at.problem(format, args...))
}

func (b *builder) at(n ast.Node) place { return b.src.at(n.GetToken()) }

func (b *builder) node(y ast.Node) *node {
	n := &node{place: b.at(y)}
	switch y := y.(type) {
	case *ast.NullNode:
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode, *ast.MergeKeyNode, *ast.DirectiveNode:
		b.unknown(n.place, y)
	case *ast.MappingNode:
		n.kind = mapping
		n.place = b.src.at(y.Start)
		if len(y.Values) > 0 && !y.IsFlowStyle {
			n.place = b.at(y.Values[0].Key)
		}
		b.mapping(n, y.Values)
	case *ast.MappingValueNode:
		n.kind = mapping
		n.place = b.at(y.Key)
		b.mapping(n, []*ast.MappingValueNode{y})
	case *ast.SequenceNode:
		n.kind = sequence
		for _, v := range y.Values {
			n.items = append(n.items, b.node(v))
		}
	case *ast.LiteralNode:
		n.kind, n.style, n.text = scalar, block, y.Value.Value
	case ast.ScalarNode:
		b.scalar(n, y)
	default: // a comment, or a key with a question mark
		b.unknown(n.place, y)
	}
	return n
}

func (b *builder) scalar(n *node, y ast.ScalarNode) {
	t := y.GetToken()
	n.kind, n.text = scalar, t.Value
	switch t.Type {
	case token.SingleQuoteType:
		n.style = singleQuoted
	case token.DoubleQuoteType:
		n.style = doubleQuoted
	}
}

func (b *builder) mapping(n *node, pairs []*ast.MappingValueNode) {
	for _, p := range pairs {
		at := b.at(p.Key)
		key := b.node(p.Key)
		if key.kind != scalar {
			continue
		}
		name := key.text
		if f := n.field(name); f != nil {
			b.bad(at, "%q appears twice, first on line %d", name, f.place.line)
			continue
		}
		n.fields = append(n.fields, field{name, at, b.node(p.Value)})
	}
}

// unknown refuses the parts of YAML that make a file hard to read from top to
// bottom, and to bound: a few lines of aliases stand for gigabytes.
func (b *builder) unknown(at place, y ast.Node) {
	what := "this"
	switch y.(type) {
	case *ast.AnchorNode, *ast.AliasNode:
		what = "an anchor or alias (& or *)"
	case *ast.MergeKeyNode:
		what = "a merge key (<<)"
	case *ast.TagNode:
		what = "a tag (!)"
	case *ast.MappingKeyNode:
		what = "a key with a question mark (?)"
	case *ast.DirectiveNode:
		what = "a directive (%)"
	}
	b.bad(at, "%s is not part of the scenario language; write the value out, in quotes if it is text", what)
}
