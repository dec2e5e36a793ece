package postgres_test

import (
	"context"
	"fmt"
	"log"

	"quorumlab/internal/postgres"
)

// A private server, a query and a program. It has no output to check, as not every machine has PostgreSQL.
func Example() {
	ctx := context.Background()
	home, err := postgres.Open(ctx, postgres.Options{})
	if err != nil {
		log.Print(err) // how to install PostgreSQL
		return
	}
	defer home.Close()
	shop, err := home.Create(ctx, "shop")
	if err != nil {
		log.Print(err)
		return
	}
	if err := shop.Start(ctx); err != nil {
		log.Print(err) // with PostgreSQL's reason
		return
	}
	if err := shop.Exec(ctx, "", "create table orders as select generate_series(1, 100) id"); err != nil {
		log.Print(err)
		return
	}
	orders, err := postgres.Value[int](ctx, shop, "", "select count(*) from orders")
	fmt.Println(orders, err)
	dump, err := shop.Run(ctx, postgres.Program("pg_dump", "--table", "orders"))
	fmt.Println(len(dump.Out), dump.Failed(), err)
}
