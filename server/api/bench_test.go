//go:build unix

package api

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/db/dbtest"
)

// load runs a benchmark on each database, durable as in operation, with passwords hashed at the cost of operation.
func load(b *testing.B, run func(b *testing.B, w *world)) {
	for name, url := range map[string]func(testing.TB) string{"sqlite": dbtest.SQLiteURL, "postgres": dbtest.PostgresURL} {
		b.Run(name, func(b *testing.B) { run(b, newWorldAt(b, url(b), accounts.Cost{})) })
	}
}

// processor tells, beside how long an operation takes, how much of a processor: that does not depend on what else the machine does.
func processor(b *testing.B, run func()) {
	used := func() time.Duration {
		var u syscall.Rusage
		must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	before := used()
	run()
	b.ReportMetric(float64((used()-before).Microseconds())/float64(b.N)/1000, "cpu-ms/op")
}

// send is ask without holding the answer to the document.
func (w *world) send(method, path, token, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	out := httptest.NewRecorder()
	w.s.ServeHTTP(out, r)
	return out
}

// BenchmarkLogin signs in by a password: one hash of Argon2id and three durable commits. In turn, and by 16 people at the same time.
func BenchmarkLogin(b *testing.B) {
	load(b, func(b *testing.B, w *world) {
		for n := range 16 {
			w.user(b, 1, fmt.Sprintf("u%d", n))
		}
		b.Run("hash", func(b *testing.B) { // what it is compared with
			processor(b, func() {
				for b.Loop() {
					argon2.IDKey([]byte(password), make([]byte, 16), 2, 19<<10, 1, 32)
				}
			})
		})
		var next, refused atomic.Int64
		login := func(b *testing.B, more func() bool) {
			body := withPassword(1, fmt.Sprintf("u%d", next.Add(1)%16), password) // one person is not let in twice at the same instant
			for more() {
				switch out := w.send("POST", "/auth/login", "", body); out.Code {
				case http.StatusOK:
				case http.StatusTooManyRequests: // all processors hash
					refused.Add(1)
				default:
					b.Error(out.Body)
				}
			}
		}
		b.Run("1", func(b *testing.B) { processor(b, func() { login(b, b.Loop) }) })
		b.Run("16", func(b *testing.B) {
			b.SetParallelism(8)
			processor(b, func() { b.RunParallel(func(pb *testing.PB) { login(b, pb.Next) }) })
			b.ReportMetric(float64(refused.Load()), "refused")
		})
	})
}

// BenchmarkRenew exchanges a refresh token for the next: one durable commit and one signature.
func BenchmarkRenew(b *testing.B) {
	load(b, func(b *testing.B, w *world) {
		var starts [64]heard
		for n := range starts {
			starts[n] = w.enter(1, "bob")
		}
		var next atomic.Int64
		run := func(b *testing.B, more func() bool) {
			at := &starts[int(next.Add(1))%len(starts)]
			for more() {
				out := w.send("POST", "/auth/refresh", "", `{"refresh_token":"`+at.str("refresh_token")+`"}`)
				if out.Code != http.StatusOK {
					b.Error(out.Body)
					return
				}
				*at = heard{body: map[string]any{"refresh_token": wordIn(out.Body.String(), "refresh_token")}}
			}
		}
		b.Run("1", func(b *testing.B) { processor(b, func() { run(b, b.Loop) }) })
		b.Run("16", func(b *testing.B) {
			b.SetParallelism(8)
			processor(b, func() { b.RunParallel(func(pb *testing.PB) { run(b, pb.Next) }) })
		})
	})
}

func wordIn(text, name string) string {
	_, rest, _ := strings.Cut(text, `"`+name+`":"`)
	word, _, _ := strings.Cut(rest, `"`)
	return word
}

// BenchmarkUsers lists a page of 20 among many users.
func BenchmarkUsers(b *testing.B) {
	load(b, func(b *testing.B, w *world) {
		for n := range 500 {
			_, err := w.AddUser(b.Context(), inside(1), accounts.NewUser{Login: fmt.Sprintf("u%04d", n)})
			must(b, err)
		}
		token := w.token("ada")
		for b.Loop() {
			if out := w.send("GET", "/api/v1/admin/users?page=10", token, ""); out.Code != http.StatusOK {
				b.Fatal(out.Body)
			}
		}
	})
}
