package clientport

import (
	"testing"
	"testing/synctest"
)

// A client closes its connection to a paused member: gRPC waits for its reader then, and the reader for no member.
func TestAHeldConnectionCanBeClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := Memory("m", 1, nil)
		ln := p.Listen()
		go func() {
			if _, err := ln.Accept(); err != nil {
				t.Error(err)
			}
		}()
		c, err := p.Dial(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		p.Hold()
		read := make(chan error)
		go func() {
			_, err := c.Read(make([]byte, 1))
			read <- err
		}()
		synctest.Wait()
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		if err := <-read; err == nil {
			t.Error("something was read")
		}
		p.Shut()
	})
}
