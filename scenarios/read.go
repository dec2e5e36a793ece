package scenarios

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Bounds of a text, far above what a script of a thousand steps needs. The YAML
// parser takes time in the square of the nesting and of the number of keys; within
// these bounds it is done in about a second at worst.
const (
	maxBytes  = 64 << 10
	maxTokens = 20_000
	maxDepth  = 32  // of brackets, and of dashes on one line
	maxIndent = 200 // columns
)

// readTree reads a YAML text of one document. The node of an empty text is empty.
func readTree(src *source, text string) (*node, []PlacedProblem) {
	start := place{src, 1, 1}
	if err := acceptable(text); err != nil {
		return nil, []PlacedProblem{start.problem("%w", err)}
	}
	tokens := lexer.Tokenize(text)
	if len(tokens) > maxTokens {
		return nil, []PlacedProblem{src.at(tokens[maxTokens]).problem("the text is too long: a scenario may have at most "+
			"%d tokens, and this is one more", maxTokens)}
	}
	if t := tooDeep(tokens); t != nil {
		return nil, []PlacedProblem{src.at(t).problem("lists and groups are nested too deeply here")}
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey()) // the builder names both places
	if err != nil {
		return nil, []PlacedProblem{syntaxProblem(start, err)}
	}
	b := builder{src: src}
	root := b.document(file)
	return root, b.problems
}

func (b *builder) document(file *ast.File) *node {
	root := &node{place: place{b.src, 1, 1}}
	for _, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		n := b.node(doc.Body)
		if root.kind != empty {
			b.bad(n.place, "a text holds one scenario; a second one begins here")
			break
		}
		root = n
	}
	return root
}

func acceptable(text string) error {
	if len(text) > maxBytes {
		return fmt.Errorf("the text has %d bytes; a scenario may have at most %d", len(text), maxBytes)
	}
	if !utf8.ValidString(text) {
		return errors.New("the text is not UTF-8")
	}
	for _, r := range text {
		if unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' {
			return fmt.Errorf("the text has the control character %q, which YAML does not allow", r)
		}
	}
	return nil
}

// tooDeep finds the token that nests deeper than the bounds allow. What nests is in
// brackets, behind dashes on one line, or further to the right than the line above.
func tooDeep(tokens token.Tokens) *token.Token {
	brackets, line, inLine := 0, 0, 0
	for _, t := range tokens {
		first := t.Position.Line != line
		if first {
			line, inLine = t.Position.Line, 0
		}
		switch t.Type {
		case token.CommentType:
			continue
		case token.MappingStartType, token.SequenceStartType:
			brackets++
		case token.MappingEndType, token.SequenceEndType:
			brackets--
		case token.SequenceEntryType, token.MappingKeyType, token.TagType, token.AnchorType:
			inLine++
		}
		if brackets > maxDepth || inLine > maxDepth || first && t.Position.Column > maxIndent {
			return t
		}
	}
	return nil
}

func syntaxProblem(start place, err error) PlacedProblem {
	var syntax yaml.Error
	if !errors.As(err, &syntax) {
		return start.problem("%w", err)
	}
	at := start
	if t := syntax.GetToken(); t != nil {
		at = start.src.at(t)
	}
	return at.problem("%s", explained(syntax.GetMessage()))
}

// explained says in our words what the parser means, and what would be right.
func explained(message string) string {
	if strings.Contains(message, "invalid header option") && strings.Contains(message, "]") {
		return `a list in brackets ends at the first "]"; a text with brackets or ">" in it needs quotes`
	}
	for _, e := range explanations {
		for _, part := range e.of {
			if strings.Contains(message, part) {
				return e.text
			}
		}
	}
	if strings.Contains(message, "reserved character") {
		return message + "; a text that begins with it needs quotes"
	}
	return "this is not YAML: " + message
}

// explanations are of the parser's messages, by a part of each. The first that fits is taken.
var explanations = []struct {
	of   []string
	text string
}{
	{[]string{"mapping value is not allowed"}, `a field can't begin here: a text with ": " in it needs quotes, and a group ` +
		`begins on a line of its own or with "{"`},
	{[]string{"invalid header option"},
		`after "|" or ">" a text begins on the next line; one that has them in it needs quotes`},
	{[]string{"'\t'", "tab character"}, "the line is indented with a tab; YAML allows only spaces"},
	{[]string{"',' or ']' must be"}, `the list before this place needs a "," to go on or a "]" to end`},
	{[]string{"',' or '}' must be"}, `the group before this place needs a "," to go on or a "}" to end`},
	{[]string{"token ']' not found"}, `this "[" is never closed; the list needs a "]" at its end`},
	{[]string{"token '}'"}, `this "{" is never closed; the group needs a "}" at its end`},
	{[]string{"corresponding to ']'"}, `this "]" closes nothing; no "[" is open here`},
	{[]string{"corresponding to '}'"}, `this "}" closes nothing; no "{" is open here`},
	{[]string{"-quoted text"}, "this quote is never closed; the text needs the same quote at its end"},
	{[]string{"escape character"}, `after "\" in double quotes YAML expects one of its escapes, like \n, \" or \\; in ` +
		`single quotes a backslash is a backslash`},
	{[]string{"block sequence entries"}, `a list with dashes begins on the line below its name`},
	{[]string{"sequence element"}, `an item of the list is missing before this ","`},
	{[]string{"directive"}, `a text that begins with "%" needs quotes`},
	{[]string{"anchor", "alias"}, "an anchor or alias (& or *) is not part of the scenario language; write the value " +
		"out, in quotes if it is text"},
	{[]string{"not allowed in this context", "indent"},
		"this does not fit here: fields of one group, and items of one list, are indented alike, and nothing follows a " +
			"closing bracket"},
	{[]string{"non-map value", "unexpected key name", "invalid key", "map key"},
		`this is no field; one is written "name: value", with a space after the colon`},
}
