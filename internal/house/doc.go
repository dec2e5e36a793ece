// Package house holds the rules of the house as tests: which room may import which, which calls are
// banned where, how wide a line is, which names are taken, and that nothing is exported for nobody.
// Dead code is found by make lint, with the tool that go.mod pins.
//
// Each rule is one file. The files are read as they are written, without types, so that the rules take
// a second.
package house
