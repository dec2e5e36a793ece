// Package all has every lesson: Register makes them known to package lessons. Its list is generated from the
// neighbouring folders by go generate.
package all

//go:generate go run ./generate
