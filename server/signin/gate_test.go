package signin

import (
	"context"
	"crypto/sha256"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/fault"
)

// book is a Tokens over a map, which counts how often it is asked.
type book struct {
	mu     sync.Mutex
	tokens map[string]time.Time // text -> expiry
	asked  atomic.Int64
	broken error
}

func (b *book) Lookup(_ context.Context, hash [sha256.Size]byte) (access.Principal, time.Time, error) {
	b.asked.Add(1)
	b.mu.Lock()
	defer b.mu.Unlock()
	for text, expiry := range b.tokens {
		if sha256.Sum256([]byte(text)) == hash {
			return access.Principal{Tenant: 7, Subject: "client/" + text[len(Prefix):]}, expiry, b.broken
		}
	}
	return access.Principal{}, time.Time{}, cmpErr(b.broken, fault.New(fault.Unauthorized, "unknown"))
}

func cmpErr(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

func (b *book) revoke(text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.tokens, text)
}

func request(header ...string) *http.Request {
	r := httptest.NewRequest("GET", "/fhir/Patient/1", nil)
	r.RemoteAddr = "192.0.2.9:4711"
	r.Header.Set("X-Request-Id", "r-1")
	for _, h := range header {
		r.Header.Add("Authorization", h)
	}
	return r
}

type clock struct{ t atomic.Int64 }

func (c *clock) now() time.Time          { return time.Unix(1_000_000, c.t.Load()) }
func (c *clock) advance(d time.Duration) { c.t.Add(int64(d)) }

func TestAKnownTokenBecomesAPrincipal(t *testing.T) {
	g := New(&book{tokens: map[string]time.Time{"ficus_a": {}}}, Options{})
	for _, header := range []string{"Bearer ficus_a", "bearer ficus_a", "BEARER   ficus_a "} {
		p, err := g.Principal(request(header))
		if err != nil || p.Tenant != 7 || p.Subject != "client/a" || p.Address != "192.0.2.9" || p.RequestID != "r-1" {
			t.Errorf("%q: %+v %v", header, p, err)
		}
	}
}

func TestEverythingElseIsRefusedAndReported(t *testing.T) {
	for _, headers := range [][]string{
		{}, {""}, {"ficus_a"}, {"Basic ficus_a"}, {"Bearer"}, {"Bearer "}, {"Bearer other_a"}, {"Bearer ficus_b"}, {"Bearer ficus_"},
		{"Bearer ficus_a", "Bearer ficus_a"}, {"Bearer ficus_" + strings.Repeat("a", maxToken)}, {"Bearer ficus_old"}, {"Bearer ficus_a b"},
	} {
		var told []Refusal
		tokens := &book{tokens: map[string]time.Time{"ficus_a": {}, "ficus_old": time.Unix(999_999, 0)}}
		g := New(tokens, Options{Now: new(clock).now, Audit: func(_ context.Context, r Refusal) { told = append(told, r) }})
		_, err := g.Principal(request(headers...))
		if !fault.Is(err, fault.Unauthorized) {
			t.Errorf("%q: %v", headers, err)
		}
		if len(told) != 1 || told[0].Address != "192.0.2.9" || told[0].RequestID != "r-1" || strings.Contains(told[0].Reason, "ficus_a") {
			t.Errorf("%q: reported %+v", headers, told)
		}
	}
}

func TestRevocationCountsWithinSeconds(t *testing.T) {
	var c clock
	tokens := &book{tokens: map[string]time.Time{"ficus_a": {}}}
	g := New(tokens, Options{Now: c.now, Fresh: 3 * time.Second})
	ask := func() error { _, err := g.Principal(request("Bearer ficus_a")); return err }
	if err := ask(); err != nil {
		t.Fatal(err)
	}
	tokens.revoke("ficus_a")
	c.advance(2 * time.Second)
	if err := ask(); err != nil || tokens.asked.Load() != 1 {
		t.Errorf("within the time: %v, asked %d times", err, tokens.asked.Load())
	}
	c.advance(time.Second)
	if err := ask(); !fault.Is(err, fault.Unauthorized) {
		t.Errorf("after it: %v", err)
	}
}

func TestATokenExpiresOnTimeAlsoWhenRemembered(t *testing.T) {
	var c clock
	g := New(&book{tokens: map[string]time.Time{"ficus_a": c.now().Add(time.Second)}}, Options{Now: c.now, Fresh: time.Hour})
	if _, err := g.Principal(request("Bearer ficus_a")); err != nil {
		t.Fatal(err)
	}
	c.advance(time.Second)
	if _, err := g.Principal(request("Bearer ficus_a")); !fault.Is(err, fault.Unauthorized) {
		t.Error(err)
	}
}

func TestABrokenDatabaseIsNoRefusal(t *testing.T) {
	tokens := &book{tokens: map[string]time.Time{}, broken: fault.New(fault.Unavailable, "away")}
	g := New(tokens, Options{Audit: func(context.Context, Refusal) { t.Error("a refusal was reported") }})
	if _, err := g.Principal(request("Bearer ficus_a")); !fault.Is(err, fault.Unavailable) {
		t.Error(err)
	}
	tokens.mu.Lock()
	tokens.broken, tokens.tokens["ficus_a"] = nil, time.Time{}
	tokens.mu.Unlock()
	if _, err := g.Principal(request("Bearer ficus_a")); err != nil {
		t.Error("the failure was remembered:", err)
	}
}

func TestManyCallersShareALookupAndAFloodIsBounded(t *testing.T) {
	tokens := &book{tokens: map[string]time.Time{"ficus_a": {}}}
	g := New(tokens, Options{Fresh: time.Hour, Size: 10})
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			for range 20 {
				if _, err := g.Principal(request("Bearer ficus_a")); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if n := tokens.asked.Load(); n > 50 {
		t.Errorf("1000 requests asked %d times", n)
	}
	for i := range 1000 {
		g.Principal(request("Bearer ficus_x" + strconv.Itoa(i))) //nolint:errcheck // all are refused
	}
	if n := len(g.known.young) + len(g.known.old); n > 20 {
		t.Errorf("%d tokens are remembered", n)
	}
}

func BenchmarkPrincipal(b *testing.B) {
	g := New(&book{tokens: map[string]time.Time{"ficus_0123456789012345678901234567890123456789012": {}}}, Options{})
	r := request("Bearer ficus_0123456789012345678901234567890123456789012")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := g.Principal(r); err != nil {
			b.Fatal(err)
		}
	}
}
