package main

import (
	"strings"
	"testing"
)

// What is missing is told with what to install.
func TestDoctorSaysWhatHelps(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	for want, f := range map[string]finding{"make build": kubernetesProgram(), "etcd-client": etcdctl()} {
		if f.bad || !strings.Contains(f.fix, want) {
			t.Errorf("%s: %+v", want, f)
		}
	}
}
