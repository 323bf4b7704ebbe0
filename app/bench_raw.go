package app

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"

	"github.com/ficushealth/ficus/bench/raw"
	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fhir/index"
)

// benchRaw is the raw limit on a copy of a database that Ficus has filled. It changes the copy so that only it can read it.
type benchRaw struct {
	Database
	Listen string `help:"Address to listen on." default:"127.0.0.1:0" placeholder:"HOST:PORT"`
}

// Run serves until the context ends.
func (c *benchRaw) Run(ctx context.Context, s *Streams) error {
	limit, err := c.prepare(ctx)
	if err != nil {
		return err
	}
	defer limit.Close()
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: limit, ReadHeaderTimeout: headerTime}
	defer context.AfterFunc(ctx, func() { server.Close() })() //nolint:errcheck // measuring is over
	if _, err := fmt.Fprintf(s.Out, "The raw limit answers at http://%s/fhir\n", l.Addr()); err != nil {
		return err
	}
	if err := server.Serve(l); ctx.Err() == nil {
		return err
	}
	return nil
}

// prepare learns from the copy and opens its bodies; for that the store is opened on it once.
func (c *benchRaw) prepare(ctx context.Context) (*raw.Server, error) {
	d := c.Database
	d.Durability = "off"
	a, err := Open(ctx, Config{Database: d}, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		return nil, err
	}
	defer a.Close()
	keys, err := a.Vault.Sealer(ctx, accounts.First)
	if err != nil {
		return nil, err
	}
	o := raw.Options{Durable: c.Durability == "full", Params: store.PostgresSettings(), Hasher: index.NewHasher(keys.Seed())}
	limit, err := raw.Open(ctx, c.DB, o)
	if err != nil {
		return nil, err
	}
	if err := limit.Prepare(ctx, openBodies(ctx, a.Store)); err != nil {
		limit.Close()
		return nil, err
	}
	return limit, nil
}
