// Package all has every lesson: importing it registers them. Its list is made of the folders
// beside it by go generate.
package all

//go:generate go run ./generate
