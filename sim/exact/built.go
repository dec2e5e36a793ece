package exact

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"quorumlab/sim/exact/world"
)

// dist has the module if this program was built with it (make wasm).
//
//go:embed dist
var dist embed.FS

// file is where the module is, compressed.
const file = "dist/etcd.wasm.gz"

// ErrNoModule is the error of a program that was built without the module.
var ErrNoModule = errors.New("this program was built without the WebAssembly module of etcd; " +
	"in a checkout, make build builds both")

// mostMemory is how much memory a run may have, in bytes. Runs with a small database need a tenth of it.
const mostMemory = 2 << 30

// Built is a module as make wasm makes it.
type Built struct {
	unpack   func() (unpacked, error)      // once
	compiled func() (*world.Module, error) // once, ready to run
}

type unpacked struct {
	hash string
	wasm []byte
}

// Own is the module that is built into this program. The error is ErrNoModule.
func Own() (*Built, error) { return own() }

var own = sync.OnceValues(func() (*Built, error) {
	packed, err := dist.ReadFile(file)
	if err != nil {
		return nil, ErrNoModule // what is embedded can't fail in another way
	}
	return Packed(packed), nil
})

// OwnHash is the hash of the module that is built into this program. The error is ErrNoModule, or that of unpacking it.
func OwnHash() (string, error) {
	b, err := Own()
	if err != nil {
		return "", err
	}
	return b.Hash()
}

// Packed is a module from its bytes, compressed by gzip.
func Packed(packed []byte) *Built {
	b := &Built{}
	b.unpack = sync.OnceValues(func() (unpacked, error) {
		wasm, err := gunzip(packed)
		if err != nil {
			return unpacked{}, fmt.Errorf("the WebAssembly module: %w", err)
		}
		sum := sha256.Sum256(wasm)
		return unpacked{"sha256:" + hex.EncodeToString(sum[:]), wasm}, nil
	})
	b.compiled = sync.OnceValues(func() (*world.Module, error) {
		u, err := b.unpack()
		if err != nil {
			return nil, err
		}
		o := world.Options{Memory: mostMemory, Folder: cacheFolder()}
		m, err := world.Compile(context.Background(), u.wasm, o)
		if err != nil {
			return nil, fmt.Errorf("the WebAssembly module: %w", err)
		}
		return m, nil
	})
	return b
}

func gunzip(packed []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

// Hash names the module: sha256: and the hash of its bytes, unpacked. Runs of modules with the same hash are the same.
// The error is that of unpacking.
func (b *Built) Hash() (string, error) {
	u, err := b.unpack()
	return u.hash, err
}

// cacheFolder is where compiled modules are kept; empty if the user has no folder for such.
func cacheFolder() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "quorumlab", "wasm")
}
