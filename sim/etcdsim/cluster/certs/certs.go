// Package certs makes the certificates of a cluster: authorities and what they sign, as files for etcd
// and its clients.
//
// Names, numbers and times are the caller's, so that a run's certificates can be reproduced except for
// their keys. Those come from crypto/rand, as keys must. The files are private to their owner (0600).
package certs

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.etcd.io/etcd/client/pkg/v3/transport"
)

// Authority signs certificates. Its methods are safe for concurrent use.
type Authority struct {
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey

	mu     sync.Mutex
	serial int64 // the last one given out
}

// Use is what a certificate is for.
type Use uint8

// The uses. Peers of etcd are both: each dials the others and is dialled by them.
const (
	ForServer Use = 1 << iota
	ForClient
)

// Profile is what a certificate says.
type Profile struct {
	Name        string // the common name; etcd takes a client's as its user
	Use         Use
	From, Until time.Time // in whole seconds, rounded down
	// Loopback names the loopback interface as the holder's address: servers need it.
	Loopback bool
}

// Pair names the files of a certificate and its key, and that of the authority that its holder
// trusts.
type Pair struct {
	Cert string `json:"cert"`
	Key  string `json:"key"`
	CA   string `json:"ca"`
}

// Info is the pair as etcd takes it. Both sides of a connection made from it read the certificate
// again at each handshake.
func (p Pair) Info() transport.TLSInfo {
	return transport.TLSInfo{CertFile: p.Cert, KeyFile: p.Key, TrustedCAFile: p.CA}
}

// The files of an authority in its folder.
const (
	caFile     = "ca.pem"
	caKeyFile  = "ca-key.pem"
	serialFile = "serial"
)

// Open opens the authority in a folder. If there is none, it is made, with that name and period of
// validity; its own certificate has the serial number 1.
func Open(dir, name string, from, until time.Time) (*Authority, error) {
	a := &Authority{dir: dir}
	_, err := os.Stat(a.File())
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = a.found(name, from, until)
	case err == nil:
		err = a.load()
	}
	if err != nil {
		return nil, fmt.Errorf("certificate authority in %s: %w", dir, err)
	}
	return a, nil
}

// File holds the authority's own certificate: whoever has it trusts what the authority signed.
func (a *Authority) File() string { return filepath.Join(a.dir, caFile) }

func (a *Authority) load() error {
	cert, err := os.ReadFile(a.File())
	if err != nil {
		return err
	}
	if a.cert, err = parseCertificate(cert); err != nil {
		return err
	}
	if a.key, err = readKey(filepath.Join(a.dir, caKeyFile)); err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(a.dir, serialFile))
	if err != nil {
		return err
	}
	a.serial, err = strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	return err
}

func (a *Authority) found(name string, from, until time.Time) error {
	if err := os.MkdirAll(a.dir, 0o700); err != nil {
		return err
	}
	key, err := newKey()
	if err != nil {
		return err
	}
	serial, err := a.number()
	if err != nil {
		return err
	}
	t := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: name}, NotBefore: from, NotAfter: until,
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, t, t, &key.PublicKey, key)
	if err != nil {
		return err
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		return err
	}
	a.key = key
	if err := writeKey(filepath.Join(a.dir, caKeyFile), key); err != nil {
		return err
	}
	return writePEM(a.File(), "CERTIFICATE", der) // last: an authority without one is made anew
}

// number gives out the next serial number.
func (a *Authority) number() (int64, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.serial++
	return a.serial, write(filepath.Join(a.dir, serialFile), []byte(strconv.FormatInt(a.serial, 10)+"\n"))
}

// Issue signs a certificate and writes it to dir/file.pem, its key to dir/file-key.pem. An existing key
// is kept: the certificate is then renewed. That matters to etcd, which reads the two files one
// after the other at each handshake: with a new key it could read two halves that do not match.
//
// The pair trusts the authority itself. The number returned is the certificate's serial number.
func (a *Authority) Issue(dir, file string, p Profile) (Pair, int64, error) {
	pair := Pair{Cert: filepath.Join(dir, file+".pem"), Key: filepath.Join(dir, file+"-key.pem"), CA: a.File()}
	serial, err := a.issue(pair, p)
	if err != nil {
		return Pair{}, 0, fmt.Errorf("certificate of %s: %w", p.Name, err)
	}
	return pair, serial, nil
}

func (a *Authority) issue(pair Pair, p Profile) (int64, error) {
	key, err := a.keyOf(pair)
	if err != nil {
		return 0, err
	}
	serial, err := a.number()
	if err != nil {
		return 0, err
	}
	t := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: p.Name}, NotBefore: p.From, NotAfter: p.Until,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: p.Use.extended(),
	}
	if p.Loopback {
		t.IPAddresses, t.DNSNames = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}, []string{"localhost"}
	}
	der, err := x509.CreateCertificate(rand.Reader, t, a.cert, &key.PublicKey, a.key)
	if err != nil {
		return 0, err
	}
	return serial, writePEM(pair.Cert, "CERTIFICATE", der)
}

func (u Use) extended() (ext []x509.ExtKeyUsage) {
	if u&ForServer != 0 {
		ext = append(ext, x509.ExtKeyUsageServerAuth)
	}
	if u&ForClient != 0 {
		ext = append(ext, x509.ExtKeyUsageClientAuth)
	}
	return ext
}

// keyOf reads the pair's key, or makes it.
func (a *Authority) keyOf(pair Pair) (*ecdsa.PrivateKey, error) {
	key, err := readKey(pair.Key)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if err := os.MkdirAll(filepath.Dir(pair.Key), 0o700); err != nil {
		return nil, err
	}
	if key, err = newKey(); err != nil {
		return nil, err
	}
	return key, writeKey(pair.Key, key)
}

func newKey() (*ecdsa.PrivateKey, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) }
