// Package scenarios is the scenario language and the library of scenarios.
//
//	text ──read──▶ tree ──set──▶ tree ──decode──▶ file ──▶ sim.Scenario
//
// A scenario is a YAML file. Its structure is YAML, and everything that acts or
// asserts is one line of text: statements ("crash leader"), time distributions
// ("2ms..5ms"), expectations ("writes.lost == 0"). file.go holds the file's types:
// the fields, their defaults and what they are for. The JSON Schema for editors,
// schema.json, is generated from them.
//
// [Parse] reads a file, [ParseWith] also takes settings from the command line, and
// [Format] writes the shortest file that reads the same. Errors come back as
// an [Error] with the place of every problem; nothing is guessed or ignored.
//
// [Library] lists the scenarios of this folder, which are part of the program;
// [Load] finds one by its name, or reads a file.
//
// Expectations name measures and checks, which package check has: a program
// that reads scenarios imports it.
package scenarios
