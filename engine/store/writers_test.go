package store_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/store"
)

// TestTwoGroupsAreAtWorkSideBySide: by default PostgreSQL has two writers, so a change that waits inside its transaction
// for another one sees it come.
func TestTwoGroupsAreAtWorkSideBySide(t *testing.T) {
	desk := openOn(t, dbtest.Postgres(t), store.Options{}).As(access.Inside(1, "test"))
	var arrived sync.WaitGroup
	arrived.Add(2)
	both := make(chan struct{})
	go func() {
		arrived.Wait()
		close(both)
	}()
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			err := desk.Write(t.Context(), func(c *store.Change) error {
				c.Do(func(context.Context, db.Tx) error {
					arrived.Done()
					select {
					case <-both:
						return nil
					case <-time.After(20 * time.Second):
						return errors.New("the other change waits for this one to end")
					}
				})
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}
