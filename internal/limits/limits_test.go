package limits

import "testing"

func TestHelps(t *testing.T) {
	for _, tt := range []struct{ why, want string }{
		{"open /tmp/x: too many open files", "raise the limit of open files: ulimit -n 4096"},
		{"failed to create WAL: file too large", "raise the limit of a file's size: ulimit -f unlimited"},
		{"write /tmp/x: no space left on device",
			"make room in the folder of temporary files, or set TMPDIR to another one"},
		{"bind: address already in use", ""},
		{"n1: file too large; raise the limit of a file's size: ulimit -f unlimited", ""}, // it says so already
	} {
		if got := Helps(tt.why); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.why, got, tt.want)
		}
	}
}
