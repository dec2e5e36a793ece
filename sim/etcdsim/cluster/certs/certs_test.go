package certs

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

var (
	noon  = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	since = noon.Add(-time.Hour)
	until = noon.Add(24 * time.Hour)
)

func open(t *testing.T, dir string) *Authority {
	t.Helper()
	a, err := Open(dir, "authority", since, until)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func issue(t *testing.T, a *Authority, dir, file string, p Profile) (Pair, *x509.Certificate) {
	t.Helper()
	if p.From.IsZero() {
		p.From, p.Until = since, until
	}
	pair, serial, err := a.Issue(dir, file, p)
	if err != nil {
		t.Fatal(err)
	}
	c, err := read(pair.Cert)
	if err != nil {
		t.Fatal(err)
	}
	if c.SerialNumber.Int64() != serial {
		t.Errorf("the file has number %v, Issue says %d", c.SerialNumber, serial)
	}
	return pair, c
}

// verify judges a certificate as the other side of a handshake at noon does.
func verify(t *testing.T, by *Authority, c *x509.Certificate, use x509.ExtKeyUsage) error {
	t.Helper()
	roots := x509.NewCertPool()
	ca, err := read(by.File())
	if err != nil {
		t.Fatal(err)
	}
	roots.AddCert(ca)
	_, err = c.Verify(x509.VerifyOptions{Roots: roots, CurrentTime: noon, KeyUsages: []x509.ExtKeyUsage{use}})
	return err
}

func TestProfiles(t *testing.T) {
	dir := t.TempDir()
	ours, theirs := open(t, filepath.Join(dir, "ours")), open(t, filepath.Join(dir, "theirs"))
	_, server := issue(t, ours, dir, "server", Profile{Name: "n1", Use: ForServer, Loopback: true})
	_, client := issue(t, ours, dir, "client", Profile{Name: "alice", Use: ForClient})
	_, expired := issue(t, ours, dir, "expired",
		Profile{Name: "alice", Use: ForClient, From: since, Until: noon.Add(-time.Second)})

	for _, tt := range []struct {
		what string
		err  error
		ok   bool
	}{
		{"a server's certificate as a server's", verify(t, ours, server, x509.ExtKeyUsageServerAuth), true},
		{"a server's certificate as a client's", verify(t, ours, server, x509.ExtKeyUsageClientAuth), false},
		{"a client's certificate as a client's", verify(t, ours, client, x509.ExtKeyUsageClientAuth), true},
		{"a client's certificate as a server's", verify(t, ours, client, x509.ExtKeyUsageServerAuth), false},
		{"an expired one", verify(t, ours, expired, x509.ExtKeyUsageClientAuth), false},
		{"one of another authority", verify(t, theirs, client, x509.ExtKeyUsageClientAuth), false},
		{"the server by its address", server.VerifyHostname("127.0.0.1"), true},
		{"the server by its name", server.VerifyHostname("localhost"), true},
		{"the server by another name", server.VerifyHostname("etcd.example"), false},
	} {
		if (tt.err == nil) != tt.ok {
			t.Errorf("%s: %v", tt.what, tt.err)
		}
	}
	if client.Subject.CommonName != "alice" {
		t.Errorf("alice is called %q", client.Subject.CommonName)
	}
}

// A renewed certificate has the next number and the same key: old and new fit together, whichever a
// reader of the two files gets.
func TestRenewalKeepsTheKey(t *testing.T) {
	dir := t.TempDir()
	a := open(t, filepath.Join(dir, "ca"))
	pair, first := issue(t, a, dir, "server", Profile{Name: "n1", Use: ForServer})
	before, err := os.ReadFile(pair.Cert)
	if err != nil {
		t.Fatal(err)
	}
	a = open(t, filepath.Join(dir, "ca")) // as a later process would
	_, second := issue(t, a, dir, "server", Profile{Name: "n1", Use: ForServer})
	if first.SerialNumber.Int64() != 2 || second.SerialNumber.Int64() != 3 { // the authority's own is 1
		t.Errorf("numbers %v and %v, want 2 and 3", first.SerialNumber, second.SerialNumber)
	}
	key, err := os.ReadFile(pair.Key)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tls.X509KeyPair(before, key); err != nil {
		t.Errorf("the old certificate and the key: %v", err)
	}
	if _, err := tls.LoadX509KeyPair(pair.Cert, pair.Key); err != nil {
		t.Errorf("the new certificate and the key: %v", err)
	}
	if err := verify(t, a, second, x509.ExtKeyUsageServerAuth); err != nil {
		t.Errorf("the authority that was opened again: %v", err)
	}
}

func TestFilesAreForTheirOwnerAlone(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes")
	}
	dir := t.TempDir()
	issue(t, open(t, filepath.Join(dir, "ca")), filepath.Join(dir, "n1"), "peer",
		Profile{Name: "n1", Use: ForServer | ForClient})
	files := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		i, err := d.Info()
		if err != nil {
			return err
		}
		if !d.IsDir() {
			files++
		}
		if i.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has the mode %v", path, i.Mode())
		}
		return nil
	})
	if err != nil || files != 5 {
		t.Errorf("%d files, %v; want certificate, key and counter of the authority, and a pair", files, err)
	}
}

func TestBrokenFilesSayWhichAndWhy(t *testing.T) {
	dir := t.TempDir()
	a := open(t, filepath.Join(dir, "ca"))
	pair, _ := issue(t, a, dir, "server", Profile{Name: "n1", Use: ForServer})
	if err := os.WriteFile(pair.Key, []byte("no key"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := a.Issue(dir, "server", Profile{Name: "n1"}); err == nil ||
		!strings.Contains(err.Error(), "server-key.pem: no PEM block") {
		t.Errorf("a broken key: %v", err)
	}
	if err := os.Remove(filepath.Join(dir, "ca", "ca-key.pem")); err != nil {
		t.Fatal(err)
	}
	// It is not made anew: what it has signed would be worth nothing.
	if _, err := Open(filepath.Join(dir, "ca"), "authority", since, until); !errors.Is(err, fs.ErrNotExist) ||
		!strings.Contains(err.Error(), "ca-key.pem") {
		t.Errorf("an authority without its key: %v", err)
	}
}
