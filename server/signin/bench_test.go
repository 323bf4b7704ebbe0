package signin

import (
	"testing"

	"github.com/ficushealth/ficus/engine/db/dbtest"
)

// bench is a server on SQLite, durable as in operation, and an app that ada has allowed something.
func bench(b *testing.B) (*world, heard) {
	b.Helper()
	w := newWorld(b, dbtest.SQLite(b))
	return w, w.exchange(w.appCode())
}

// BenchmarkSignedToken is a token that the gate remembers, and one that is verified and looked up again.
func BenchmarkSignedToken(b *testing.B) {
	w, got := bench(b)
	token := got.str("access_token")
	b.Run("remembered", func(b *testing.B) {
		r := request("Bearer " + token)
		for b.Loop() {
			if _, err := w.gate.Principal(r); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("afresh", func(b *testing.B) {
		for b.Loop() {
			if _, _, err := w.i.Principal(b.Context(), token); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkRefresh exchanges a refresh token for the next one, over HTTP: one durable commit, an access token and an id token.
func BenchmarkRefresh(b *testing.B) {
	w, got := bench(b)
	for b.Loop() {
		if got = w.refresh(got.str("refresh_token")); got.status != 200 {
			b.Fatal(got)
		}
	}
}

// BenchmarkService gives a service a token for an assertion, over HTTP: two durable commits. Signing the assertion is part of it.
func BenchmarkService(b *testing.B) {
	w, _ := bench(b)
	for b.Loop() {
		if h := w.service(w.assertion("bulk", "ES384", "e", w.ec, nil)); h.status != 200 {
			b.Fatal(h)
		}
	}
}
