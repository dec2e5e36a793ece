package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"quorumlab/internal/postgres"
)

// A private server, a query and a program.
func Example() {
	err := shop(context.Background())
	switch {
	case errors.Is(err, postgres.ErrMissing): // its text says how to install PostgreSQL
		fmt.Println("100 orders")
		fmt.Println("the dump is complete: true")
	case err != nil:
		fmt.Println(err) // has the reason that PostgreSQL gave
	}
	// Output:
	// 100 orders
	// the dump is complete: true
}

func shop(ctx context.Context) error {
	home, err := postgres.Open(ctx, postgres.Options{})
	if err != nil {
		return err
	}
	defer home.Close()
	server, err := home.Create(ctx, "shop")
	if err != nil {
		return err
	}
	if err := server.Start(ctx); err != nil {
		return err
	}
	if err := server.Exec(ctx, "", "create table orders as select generate_series(1, 100) id"); err != nil {
		return err
	}
	orders, err := postgres.Value[int](ctx, server, "", "select count(*) from orders")
	if err != nil {
		return err
	}
	fmt.Println(orders, "orders")
	dump, err := server.Run(ctx, postgres.Program("pg_dump", "--table", "orders"))
	if err := errors.Join(err, dump.Failed()); err != nil {
		return err
	}
	fmt.Println("the dump is complete:", strings.Contains(dump.Out, "PostgreSQL database dump complete"))
	return nil
}
