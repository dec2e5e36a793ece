package pgdump

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"quorumlab/internal/postgres"
	"quorumlab/lessons"
	"quorumlab/lessons/pg"
)

// The bank's money is in two tables, and each transfer moves a coin from the first to the second. A dump has
// the tables in the order of their names, and between the two comes the ledger, with more than a pipe holds.
const (
	accounts = 100
	money    = 2 * accounts * 1000
	between  = "COPY public.ledger "
)

// bank is the server with the bank.
type bank struct {
	*postgres.Server
	sh *pg.Shell
}

// withBank is a server with the bank.
var withBank = pg.Prepared(func(ctx context.Context, s *postgres.Server) error {
	if err := pg.Recreate(ctx, s, "bank"); err != nil {
		return err
	}
	fill := fmt.Sprintf("select i, 1000 from generate_series(1, %d) i", accounts)
	return s.Exec(ctx, "bank",
		"create table checking (id int primary key, coins int not null)", "insert into checking "+fill,
		"create table ledger (id int primary key, entry text)",
		"insert into ledger select i, repeat(md5(i::text), 8) from generate_series(1, 4000) i",
		"create table savings (id int primary key, coins int not null)", "insert into savings "+fill,
		"vacuum analyze")
})

// inBank starts it.
func inBank(ctx context.Context, env *lessons.Env, do func(ctx context.Context, b *bank) error) error {
	return pg.OnServer(ctx, withBank, func(ctx context.Context, h *postgres.Home, s *postgres.Server) error {
		env.Say("a bank with %d coins", money)
		sh, err := pg.NewShell(h, s, "dumps")
		if err != nil {
			return err
		}
		return do(ctx, &bank{s, sh})
	})
}

// transfer moves so many coins from checking to savings, each in a transaction of its own.
func (b *bank) transfer(ctx context.Context, n int) error {
	const move = "begin; update checking set coins = coins - 1 where id = %[1]d; update savings set coins = coins + 1 " +
		"where id = %[1]d; commit"
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf(move, 1+i%accounts))
	}
	return b.Exec(ctx, "bank", all...)
}

// coinsIn adds up the coins in the output of COPY or of a dump: the rows of the tables checking and savings.
func coinsIn(dump string) (all int, err error) {
	counts := false
	for line := range strings.Lines(dump) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case strings.HasPrefix(line, "COPY "):
			counts = strings.HasPrefix(line, "COPY public.checking ") || strings.HasPrefix(line, "COPY public.savings ")
		case line == `\.`:
			counts = false
		case counts:
			_, coins, _ := strings.Cut(line, "\t")
			n, err := strconv.Atoi(coins)
			if err != nil {
				return 0, err
			}
			all += n
		}
	}
	return all, nil
}

// savingsOf is the part of a dump that begins with the table savings.
func savingsOf(dump string) string {
	return dump[strings.Index(dump, "COPY public.savings "):]
}

// valueIn is the number that a query of the bank returns.
func valueIn(ctx context.Context, b *bank, query string) (int, error) {
	return postgres.Value[int](ctx, b.Server, "bank", query)
}
