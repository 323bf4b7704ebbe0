package db_test

import (
	"net"
	"net/url"
	"sync"
	"testing"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
)

// line is a proxy that counts round trips: how often the client speaks after the server has spoken.
type line struct {
	mu     sync.Mutex
	server bool // the last to speak
	trips  int
}

func (l *line) spoke(server bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.server && !server {
		l.trips++
	}
	l.server = server
}

// since gives the trips since the last call.
func (l *line) since() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := l.trips
	l.trips = 0
	return n
}

func (l *line) carry(from, to net.Conn, server bool) {
	defer to.Close()
	buf := make([]byte, 1<<16)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			l.spoke(server)
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// through gives the URL of the database by way of the proxy.
func (l *line) through(t *testing.T, rawURL string) string {
	t.Helper()
	u, err := url.Parse(rawURL)
	if err != nil {
		t.Fatal(err)
	}
	door, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { door.Close() })
	target := u.Host
	go func() {
		for {
			client, err := door.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", target)
			if err != nil {
				client.Close()
				return
			}
			go l.carry(client, server, false)
			go l.carry(server, client, true)
		}
	}()
	u.Host = door.Addr().String()
	return u.String()
}

func TestRoundTrips(t *testing.T) {
	l := &line{}
	d := dbtest.Open(t, l.through(t, dbtest.PostgresURL(t)), db.Options{MaxConns: 1})
	run(t, d, makeNotes)
	one := func(p *db.Pipe) { p.Query(countNotes, nil, func(db.Row) error { return nil }) }
	several := func(p *db.Pipe) {
		one(p)
		p.Each(insertNotes, []int64{}, []string{}, [][]byte{}, []float64{}, []bool{})
		p.Exec(db.Same("UPDATE note SET done = $1"), true)
	}
	cases := []struct {
		name string
		want int
		do   func() error
	}{
		{"a query alone", 1, func() error { return d.Query(t.Context(), countNotes, nil, func(db.Row) error { return nil }) }},
		{"a statement alone", 1, func() error { return once(d, t.Context(), db.Same("UPDATE note SET done = $1"), true) }},
		{"a write group", 2, func() error {
			return d.Write(t.Context(), func(tx db.Tx) error {
				if err := tx.Pipeline(t.Context(), several); err != nil {
					return err
				}
				return tx.Last(t.Context(), several)
			})
		}},
		{"a read of several", 1, func() error {
			return d.Read(t.Context(), func(tx db.Tx) error { return tx.Last(t.Context(), one) })
		}},
		{"a write without Last", 2, func() error {
			return d.Write(t.Context(), func(tx db.Tx) error { return tx.Pipeline(t.Context(), several) })
		}},
		{"nothing", 0, func() error { return d.Write(t.Context(), func(db.Tx) error { return nil }) }},
	}
	for _, c := range cases {
		for range 2 { // statements are prepared the first time
			l.since()
			if err := c.do(); err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
		}
		if got := l.since(); got != c.want {
			t.Errorf("%s: %d round trips, want %d", c.name, got, c.want)
		}
	}
}
