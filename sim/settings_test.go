package sim

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestEverySettingIsDeclaredWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range Settings() {
		if seen[s.Path] {
			t.Errorf("%s is declared twice", s.Path)
		}
		seen[s.Path] = true
		if !strings.HasPrefix(s.Path, "cluster.") || !strings.HasSuffix(s.About, ".") {
			t.Errorf("%s: %q", s.Path, s.About)
		}
		if (len(s.Lacks) > 0 || s.Stored) && s.Changed == nil {
			t.Errorf("%s: nothing says when it is changed", s.Path)
		}
		for engine := range s.Lacks {
			if !slices.Contains(EngineNames, engine) || s.Only == engine {
				t.Errorf("%s: %s lacks it", s.Path, engine)
			}
		}
	}
	for group, typ := range map[string]reflect.Type{
		"cluster.store.": reflect.TypeFor[StoreSpec](), "cluster.tls.": reflect.TypeFor[TLSSpec](),
	} {
		for i := range typ.NumField() {
			name, _, _ := strings.Cut(typ.Field(i).Tag.Get("yaml"), ",")
			if _, ok := SettingNamed(group + name); !ok {
				t.Errorf("%s%s is not declared", group, name)
			}
		}
	}
}

func TestEnginesRefuseTheSettingsThatTheyLack(t *testing.T) {
	c := ClusterSpec{CheckQuorum: true}
	for _, engine := range EngineNames {
		if rs := RefuseSettings(engine, &c); len(rs) > 0 {
			t.Errorf("%s refuses a plain cluster: %v", engine, rs)
		}
	}
	c.CheckQuorum = false
	c.Store = StoreSpec{Quota: 1 << 20, CorruptCheck: time.Second}
	var got []string
	for _, engine := range EngineNames {
		for _, r := range RefuseSettings(engine, &c) {
			got = append(got, engine+" "+r.What)
		}
	}
	want := []string{"sim cluster.store.quota", "sim cluster.store.corrupt-check", "etcd cluster.check-quorum"}
	if !slices.Equal(got, want) {
		t.Errorf("refused are %q, want %q", got, want)
	}
	if !c.ConcernsFiles() {
		t.Error("a quota does not concern the files")
	}
}
