// Command generate writes the list of lessons: an import of each folder beside lessons/all
// whose name begins with a chapter. go generate runs it in lessons/all.
package main

import (
	"os"

	"quorumlab/lessons/all/folders"
)

func main() {
	if err := write(); err != nil {
		panic(err)
	}
}

func write() error {
	names, err := folders.Lessons("..")
	if err != nil {
		return err
	}
	return os.WriteFile("list.go", folders.List(names), 0o666)
}
