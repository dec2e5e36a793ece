package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// item is a file of a package: what it holds is in memory, or in a file of this machine.
type item struct {
	name    string // with slashes
	mode    fs.FileMode
	content []byte
	file    string // instead of content
}

func text(name string, content []byte) item { return item{name: name, mode: 0o644, content: content} }

func executable(name, file string) item { return item{name: name, mode: 0o755, file: file} }

// below puts items into a folder.
func below(folder string, items []item) []item {
	out := slices.Clone(items)
	for i := range out {
		out[i].name = path.Join(folder, out[i].name)
	}
	return out
}

func (i item) read() ([]byte, error) {
	if i.file != "" {
		return os.ReadFile(i.file)
	}
	return i.content, nil
}

// folders are all folders of items that are in order, each before what is in it.
func folders(items []item) (list []string) {
	for _, i := range items {
		var up []string
		for dir := path.Dir(i.name); dir != "."; dir = path.Dir(dir) {
			up = append([]string{dir}, up...)
		}
		for _, dir := range up {
			if !slices.Contains(list, dir) {
				list = append(list, dir)
			}
		}
	}
	return list
}

// ordered are the items by name; whoever put them together has no say in the bytes.
func ordered(items []item) []item {
	items = slices.Clone(items)
	slices.SortFunc(items, func(a, b item) int { return strings.Compare(a.name, b.name) })
	return items
}

// writeTarGz writes items into a compressed tar file. All belong to root and have the same date.
func writeTarGz(w io.Writer, items []item, at time.Time) error {
	z, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return err
	}
	t := tar.NewWriter(z)
	items = ordered(items)
	for _, dir := range folders(items) {
		h := &tar.Header{Typeflag: tar.TypeDir, Name: dir + "/", Mode: 0o755, ModTime: at, Format: tar.FormatUSTAR}
		if err := t.WriteHeader(h); err != nil {
			return err
		}
	}
	for _, i := range items {
		b, err := i.read()
		if err != nil {
			return err
		}
		h := &tar.Header{Name: i.name, Mode: int64(i.mode), Size: int64(len(b)), ModTime: at, Format: tar.FormatUSTAR}
		if err := t.WriteHeader(h); err != nil {
			return err
		}
		if _, err := t.Write(b); err != nil {
			return err
		}
	}
	if err := t.Close(); err != nil {
		return err
	}
	return z.Close()
}

// writeZip writes items into a zip file.
func writeZip(w io.Writer, items []item, at time.Time) error {
	z := zip.NewWriter(w)
	for _, i := range ordered(items) {
		b, err := i.read()
		if err != nil {
			return err
		}
		h := &zip.FileHeader{Name: i.name, Method: zip.Deflate, Modified: at}
		h.SetMode(i.mode)
		to, err := z.CreateHeader(h)
		if err != nil {
			return err
		}
		if _, err := to.Write(b); err != nil {
			return err
		}
	}
	return z.Close()
}

// gzipped compresses a file of a package without its name and date.
func gzipped(content []byte) ([]byte, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(content); err != nil {
		return nil, err
	}
	err = z.Close()
	return b.Bytes(), err
}

// create writes a file by write.
func create(file string, write func(io.Writer) error) (err error) {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer func() {
		if e := f.Close(); err == nil {
			err = e
		}
	}()
	return write(f)
}

// unpack unpacks a compressed tar file of the release into a folder.
func unpack(file, to string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return err
	}
	for t := tar.NewReader(z); ; {
		h, err := t.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if !filepath.IsLocal(h.Name) {
			return fmt.Errorf("%s: %s leads out of it", file, h.Name)
		}
		name := filepath.Join(to, filepath.FromSlash(h.Name))
		if h.Typeflag == tar.TypeDir {
			if err := os.MkdirAll(name, 0o755); err != nil {
				return err
			}
			continue
		}
		if err := create(name, func(w io.Writer) error { _, err := io.Copy(w, t); return err }); err != nil {
			return err
		}
		if err := os.Chmod(name, h.FileInfo().Mode().Perm()); err != nil {
			return err
		}
	}
}
