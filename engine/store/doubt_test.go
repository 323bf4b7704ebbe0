package store_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

// TestDoubtfulCommitIsNotRepeated cuts the connection when the database has
// committed a group but its word has not arrived: nobody may be told that it
// went well, and nothing may be written twice.
func TestDoubtfulCommitIsNotRepeated(t *testing.T) {
	c := &cutter{t: t}
	d := dbtest.Open(t, c.before(dbtest.PostgresURL(t)), db.Options{Params: store.PostgresSettings()})
	desk := openOn(t, d, store.Options{Writers: 1}).As(access.Inside(1, "test"))
	resource := func(id string) fhir.Resource {
		r, err := fhir.Parse(fmt.Appendf(nil, `{"resourceType":"Patient","id":%q}`, id), fhir.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if _, err := desk.Update(t.Context(), resource("warm")); err != nil {
		t.Fatal(err)
	}
	release := holdWriter(t, desk)
	var wg sync.WaitGroup
	for i := range 3 {
		wg.Go(func() {
			if _, err := desk.Update(t.Context(), resource(fmt.Sprint("p", i))); !fault.Is(err, fault.Unavailable) {
				t.Errorf("p%d: %v", i, err)
			}
		})
	}
	wg.Go(func() {
		b, err := fhir.Parse([]byte(`{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"POST","url":"Patient"},"resource":{"resourceType":"Patient"}}]}`), fhir.Limits{})
		replies, failed := desk.Batch(t.Context(), fhir.Bundle{Resource: b})
		if err != nil || failed != nil || !db.InDoubt(replies[0].Err) {
			t.Error("an entry of a batch is not told that it may be stored:", err, failed, replies)
		}
	})
	time.Sleep(100 * time.Millisecond) // so that they wait for the writer together
	c.armed.Store(true)
	close(release)
	wg.Wait()
	if !c.cut.Load() {
		t.Fatal("the connection was not cut")
	}
	for i := range 3 {
		v, err := desk.Read(t.Context(), "Patient", fmt.Sprint("p", i))
		if err == nil && v.Number != 1 {
			t.Errorf("p%d was written %d times", i, v.Number)
		}
	}
}

// holdWriter keeps the store's only writer busy until the channel is closed.
func holdWriter(t *testing.T, desk *store.Desk) (release chan struct{}) {
	held, release := make(chan struct{}), make(chan struct{})
	go desk.Write(t.Context(), func(c *store.Change) error {
		c.Do(func(context.Context, db.Tx) error {
			close(held)
			<-release
			return nil
		})
		return nil
	})
	<-held
	return release
}

// cutter stands between the store and PostgreSQL. Once armed, it drops the
// connection on which the next COMMIT is confirmed.
type cutter struct {
	t     *testing.T
	armed atomic.Bool
	cut   atomic.Bool
}

func (c *cutter) before(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		c.t.Fatal(err)
	}
	door, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { door.Close() })
	target := u.Host
	go func() {
		for {
			client, err := door.Accept()
			if err != nil {
				return
			}
			go c.join(client, target)
		}
	}()
	u.Host = door.Addr().String()
	return u.String()
}

func (c *cutter) join(client net.Conn, target string) {
	server, err := net.Dial("tcp", target)
	if err != nil {
		client.Close()
		return
	}
	go func() {
		io.Copy(server, client)
		server.Close()
	}()
	io.Copy(client, &watched{server, c})
	client.Close()
	server.Close()
}

// watched is the server's half of a connection.
type watched struct {
	net.Conn
	c *cutter
}

func (w *watched) Read(b []byte) (int, error) {
	n, err := w.Conn.Read(b)
	if bytes.Contains(b[:n], []byte("COMMIT\x00")) && w.c.armed.CompareAndSwap(true, false) {
		w.c.cut.Store(true)
		return 0, io.ErrUnexpectedEOF
	}
	return n, err
}
