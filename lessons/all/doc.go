// Package all has every lesson: importing it registers them. Its list is generated from the
// neighbouring folders by go generate.
package all

//go:generate go run ./generate
