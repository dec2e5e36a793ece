package lessons

import (
	"context"
	"errors"
	"time"

	"quorumlab/sim"
)

// Until asks again until the answer is yes. Errors are the question's and ctx's.
func Until(ctx context.Context, ask func() (bool, error)) error {
	for {
		ok, err := ask()
		if ok || err != nil {
			return err
		}
		select {
		case <-time.After(sim.RetryEvery):
		case <-ctx.Done():
			return errors.Join(ctx.Err(), errors.New("the condition was not met"))
		}
	}
}

// Insist tries what has to work until it does or ctx ends; then the error is the last one, too. A try may
// take so long: a request to a member that is just being killed is never answered.
func Insist(ctx context.Context, oneTry time.Duration, do func(ctx context.Context) error) error {
	var last error
	err := Until(ctx, func() (bool, error) {
		try, cancel := context.WithTimeout(ctx, oneTry)
		defer cancel()
		last = do(try)
		return last == nil, nil
	})
	if err != nil {
		return errors.Join(ctx.Err(), last)
	}
	return nil
}
