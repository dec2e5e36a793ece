package postgres_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"quorumlab/internal/postgres"
	"quorumlab/internal/postgres/postgrestest"
)

// openFolder makes a folder that the servers' user can get into, unlike t.TempDir.
func openFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "open")
	ok(t, err)
	t.Cleanup(func() { ok(t, os.RemoveAll(dir)) })
	ok(t, os.Chmod(dir, 0o777))
	return dir
}

// An original is made once, in whichever home it is needed first. Its copies do not know of each other.
func TestOriginal(t *testing.T) {
	made := 0
	o := postgres.NewOriginal(map[string]string{"fsync": "off"}, func(ctx context.Context, s *postgres.Server) error {
		if made++; made == 1 {
			return errors.New("not today")
		}
		return s.Exec(ctx, "", "create table t as select generate_series(1, 3) i")
	}, "--wal-segsize=1")
	first, second := postgrestest.Open(t), postgrestest.Open(t)
	_, err := first.CreateFrom(t.Context(), "a", o)
	if err == nil || err.Error() != "not today" {
		t.Fatalf("the error is %v", err)
	}
	homes := []*postgres.Home{first, second, second}
	servers := make([]*postgres.Server, len(homes))
	errs := make([]error, len(homes))
	var all sync.WaitGroup
	for i, name := range []string{"a", "a", "b"} {
		all.Go(func() {
			servers[i], errs[i] = homes[i].CreateFrom(t.Context(), name, o)
			if errs[i] == nil {
				errs[i] = servers[i].Start(t.Context())
			}
		})
	}
	all.Wait()
	ok(t, errors.Join(errs...))
	if made != 2 {
		t.Errorf("it was made %d times, and the first time it failed", made)
	}
	ok(t, servers[0].Exec(t.Context(), "", "delete from t"))
	for i, want := range []int{0, 3, 3} {
		s := servers[i]
		if n := value[int](t, s, "select count(*) from t"); n != want {
			t.Errorf("copy %d has %d rows, want %d", i, n, want)
		}
		if !strings.HasPrefix(s.Data(), homes[i].Dir()) || value[string](t, s, "show fsync") != "off" ||
			value[string](t, s, "show wal_segment_size") != "1MB" {
			t.Errorf("copy %d is in %s, or has other settings", i, s.Data())
		}
	}
	if _, err := second.CreateFrom(t.Context(), "b", o); err == nil || err.Error() != "there is a server b already" {
		t.Errorf("the error is %v", err)
	}
	bad := postgres.NewOriginal(map[string]string{"port": "1"}, nil)
	_, err = second.CreateFrom(t.Context(), "c", bad)
	if err == nil || !strings.HasPrefix(err.Error(), "create server c: port can't be set") ||
		exists(filepath.Join(second.Dir(), "c")) {
		t.Errorf("the error is %v, or something is left", err)
	}
}

// A home is made in memory only if nobody says where it is to be.
func TestInMemory(t *testing.T) {
	p := postgrestest.Programs(t)
	folder := openFolder(t)
	t.Setenv("TMPDIR", folder)
	for name, o := range map[string]postgres.Options{"$TMPDIR": {InMemory: true},
		"a folder": {InMemory: true, Dir: folder}} {
		o.Programs = p.Dir
		h, err := postgres.Open(t.Context(), o)
		ok(t, err)
		if filepath.Dir(h.Dir()) != folder {
			t.Errorf("with %s it is %s", name, h.Dir())
		}
		ok(t, h.Close())
	}
}
