package drill

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
)

// Append adds the report as a line of JSON to a history, which is made if it is not there.
func (r *Report) Append(file string) (err error) {
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o666)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	_, err = f.Write(append(line, '\n'))
	return err
}

// ReadHistory reads what Append has written. The error is a *ParseError with the line that is no report, as the last
// one may be after a full disk.
func ReadHistory(file string, content []byte) (rs []*Report, err error) {
	for i, line := range bytes.Split(content, []byte("\n")) {
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		r := &Report{}
		if err := json.Unmarshal(line, r); err != nil {
			return nil, &ParseError{file, i + 1, 1, fmt.Errorf("this is not the report of a drill: %w", err)}
		}
		switch r.Outcome {
		case Right, Wrong, NotRestored:
		default:
			return nil, &ParseError{file, i + 1, 1, fmt.Errorf("this is not the report of a drill: its outcome is %q",
				r.Outcome)}
		}
		rs = append(rs, r)
	}
	return rs, nil
}
