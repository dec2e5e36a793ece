// Command probe does what its input says, and tells what came of it. The test runs it natively too.
package main

import (
	"bufio"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

func main() {
	in := bufio.NewReader(os.Stdin)
	word, _ := in.ReadString('\n')
	switch strings.TrimSpace(word) {
	case "files":
		files()
	case "clock":
		clock()
	case "loop":
		for i := 0; ; i++ {
			kept = append(kept[:0], byte(i))
		}
	case "memory":
		for {
			kept = append(kept, make([]byte, 16<<20)...)
		}
	case "exit":
		fmt.Fprintln(os.Stderr, "gone wrong")
		os.Exit(3)
	case "link":
		fmt.Println(os.Symlink("/tmp/a", "/tmp/b"))
	case "echo":
		io.Copy(os.Stdout, in)
	}
}

var kept []byte

// clock tells what it sees of the world that must be the same each time.
func clock() {
	start := time.Now()
	fmt.Println(start.UTC())
	time.Sleep(1500 * time.Millisecond)
	fmt.Println(time.Since(start).Truncate(time.Second))
	m := map[int]bool{}
	for i := range 20 {
		m[i] = true
	}
	for i := range m { // in an order that the seed decides
		fmt.Print(i, " ")
	}
	dir, err := os.MkdirTemp("", "x")
	fmt.Println(dir, err)
}

// files does what etcd does with files, and what must fail.
func files() {
	dir, err := os.MkdirTemp("", "probe")
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	defer os.RemoveAll(dir)
	say := func(what string, err error, more ...any) {
		text := "ok"
		if err != nil {
			text = strings.ReplaceAll(err.Error(), dir, "")
		}
		fmt.Println(append([]any{what, text}, more...)...)
	}
	at := func(p string) string { return filepath.Join(dir, filepath.FromSlash(p)) }
	say("mkdir", os.Mkdir(at("a"), 0o700))
	say("mkdir again", os.Mkdir(at("a"), 0o700))
	say("mkdir below nothing", os.Mkdir(at("no/b"), 0o700))
	say("mkdirall", os.MkdirAll(at("a/b/c"), 0o700))
	say("write", os.WriteFile(at("a/f"), []byte("hello world"), 0o600))
	_, err = os.OpenFile(at("a/f"), os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	say("exclusive", err)
	_, err = os.Open(at("a/none"))
	say("open nothing", err)
	_, err = os.Open(at("a/f/below"))
	say("open below a file", err)
	_, err = os.OpenFile(at("a"), os.O_RDWR, 0o600)
	say("write a folder", err)
	f, err := os.OpenFile(at("a/f"), os.O_RDWR, 0o600)
	say("open", err)
	n, err := f.WriteAt([]byte("XY"), 20)
	say("write past the end", err, n)
	info, err := f.Stat()
	say("stat", err, info.Size(), info.IsDir(), info.Name())
	b := make([]byte, 30)
	n, err = f.ReadAt(b, 0)
	say("read", err, n, fmt.Sprintf("%q", b[:n]))
	n, err = f.ReadAt(b, 40)
	say("read past the end", err, n)
	say("truncate", f.Truncate(5))
	say("truncate longer", f.Truncate(8))
	b, err = os.ReadFile(at("a/f"))
	say("contents", err, fmt.Sprintf("%q", b))
	to, err := f.Seek(-3, io.SeekEnd)
	say("seek", err, to)
	_, err = f.Seek(-1, io.SeekStart)
	say("seek before the start", err)
	_, err = f.Write([]byte("z"))
	say("write there", err)
	to, err = f.Seek(0, io.SeekCurrent)
	say("where", err, to)
	say("sync", f.Sync())
	say("close", f.Close())
	say("close again", f.Close())
	g, err := os.OpenFile(at("a/f"), os.O_APPEND|os.O_WRONLY, 0)
	say("append", err)
	_, err = g.Write([]byte("end"))
	say("append", err)
	_ = g.Close()
	b, err = os.ReadFile(at("a/f"))
	say("contents", err, fmt.Sprintf("%q", b))
	say("rename", os.Rename(at("a/f"), at("a/b/g")))
	say("rename nothing", os.Rename(at("a/f"), at("a/h")))
	say("write h", os.WriteFile(at("h"), []byte("h"), 0o600))
	say("rename over", os.Rename(at("h"), at("a/b/g")))
	b, err = os.ReadFile(at("a/b/g"))
	say("contents", err, fmt.Sprintf("%q", b))
	say("rename a folder", os.Rename(at("a/b"), at("moved")))
	say("rename over a full folder", os.Rename(at("a"), at("moved")))
	say("remove a full folder", os.Remove(at("moved")))
	for i := range 100 {
		_ = os.WriteFile(at(fmt.Sprintf("a/many-%d", i)), nil, 0o600)
	}
	list, err := os.ReadDir(at("a"))
	say("list", err, len(list), list[0].Name(), list[99].Name())
	say("walk", filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err == nil && !strings.Contains(p, "many") && p != dir {
			say("has", nil, strings.TrimPrefix(filepath.ToSlash(p), filepath.ToSlash(dir)), d.IsDir())
		}
		return err
	}))
	open, err := os.Open(at("moved/g"))
	say("open", err)
	say("remove an open file", os.Remove(at("moved/g")))
	b, err = io.ReadAll(open)
	say("read it", err, string(b))
	say("empty", os.WriteFile(at("a/many-1"), []byte("abc"), 0o600))
	e, err := os.Create(at("a/many-1"))
	say("truncate on open", err)
	info, err = e.Stat()
	say("stat", err, info.Size())
	say("copy", os.CopyFS(at("copy"), os.DirFS(at("moved"))))
	say("remove all", os.RemoveAll(at("a")))
	_, err = os.Stat(at("a"))
	say("stat nothing", err)
}
