package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
)

// request is what an experiment is told.
type request struct {
	Endpoints  []string         `json:"endpoints"` // URLs of etcd members
	Data       string           `json:"data"`      // the data folder of the first, for what searches its files
	Loop       *loopRequest     `json:"loop,omitempty"`
	Encryption string           `json:"encryption,omitempty"` // the text of an EncryptionConfiguration
	Settings   *settingsRequest `json:"settings,omitempty"`
}

// line is a line of the answer; one of its fields is set.
type line struct {
	Say    string `json:"say,omitempty"`    // what is going on, for people
	Ask    string `json:"ask,omitempty"`    // what whoever runs the members has to do now; answered by any JSON value
	Result any    `json:"result,omitempty"` // the last line
}

// talk is the conversation with whoever started the program.
type talk struct {
	request request
	out     *json.Encoder
	replies chan json.RawMessage
}

// open reads the request, and then the replies until the end, at which it calls ended.
func (t *talk) open(in io.Reader, ended func()) error {
	d := json.NewDecoder(in)
	d.DisallowUnknownFields()
	if err := d.Decode(&t.request); err != nil {
		return err
	}
	if len(t.request.Endpoints) == 0 {
		return errors.New(`it has no "endpoints"`)
	}
	t.replies = make(chan json.RawMessage)
	go func() {
		for {
			var r json.RawMessage
			if err := d.Decode(&r); err != nil {
				ended()
				return
			}
			t.replies <- r
		}
	}()
	return nil
}

func (t *talk) write(l line) error { return t.out.Encode(l) }

// say tells people what is going on.
func (t *talk) say(text string) error { return t.write(line{Say: text}) }

// ask has something done to the members and waits until it is.
func (t *talk) ask(ctx context.Context, what string) error {
	if err := t.write(line{Ask: what}); err != nil {
		return err
	}
	select {
	case <-t.replies:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
