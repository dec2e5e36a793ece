package main

import (
	"bytes"
	"crypto/md5"
	"fmt"
	"io"
	"strings"
	"time"
)

// writeDeb writes a package for Debian and its kin (deb(5)): an ar archive of a format's number, what the package is,
// and the files, by their names below /.
func writeDeb(w io.Writer, version string, t target, items []item, at time.Time) error {
	var sums, data, control bytes.Buffer
	size := 0
	for _, i := range ordered(items) {
		b, err := i.read()
		if err != nil {
			return err
		}
		fmt.Fprintf(&sums, "%x  %s\n", md5.Sum(b), i.name)
		size += (len(b) + 1023) / 1024
	}
	is := fmt.Sprintf(`Package: quorumlab
Version: %s
Architecture: %s
Maintainer: quorumlab contributors <quorumlab@example.invalid>
Installed-Size: %d
Section: education
Priority: optional
Suggests: etcd-client, postgresql
Description: runs fault scenarios on simulated and on real etcd clusters
 quorumlab breaks etcd clusters to show what happens: in virtual time with
 etcd's own raft code, and in real time with real etcd members. It comes with
 a library of scenarios, lessons, and a manual. It needs no network.
`, version, t.arch, size)
	if err := writeTarGz(&data, below(".", items), at); err != nil {
		return err
	}
	about := []item{text("control", []byte(is)), text("md5sums", sums.Bytes())}
	if err := writeTarGz(&control, about, at); err != nil {
		return err
	}
	if _, err := io.WriteString(w, "!<arch>\n"); err != nil {
		return err
	}
	for _, part := range []struct {
		name    string
		content []byte
	}{{"debian-binary", []byte("2.0\n")}, {"control.tar.gz", control.Bytes()}, {"data.tar.gz", data.Bytes()}} {
		head := fmt.Sprintf("%-16s%-12d%-6d%-6d%-8s%-10d`\n", part.name, at.Unix(), 0, 0, "100644", len(part.content))
		even := strings.Repeat("\n", len(part.content)%2)
		if _, err := io.WriteString(w, head+string(part.content)+even); err != nil {
			return err
		}
	}
	return nil
}
