package script

import "testing"

// A time in a statement may have any quantiles, also behind members.
func TestQuantilesInStatements(t *testing.T) {
	for _, text := range []string{"slow-disk leader p50 2ms p99 8ms", "slow-disk n1 n2 p50 2ms p95 8ms p99.9 1s max 3s"} {
		st, err := Parse(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		} else if st.String() != text {
			t.Errorf("%s is read as %s", text, st)
		}
	}
}
