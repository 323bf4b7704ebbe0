package terms

import (
	"context"
	"errors"
	"testing"
)

// TestWhatATenantPublishesKeepsNoOtherWaiting: one tenant's turn is not another's, and who waits goes when his time is over.
func TestWhatATenantPublishesKeepsNoOtherWaiting(t *testing.T) {
	var l lastPublished
	ctx, cancel := context.WithCancel(t.Context())
	for _, tenant := range []int32{1, 2} {
		if err := l.of(tenant).take(ctx); err != nil {
			t.Fatal(tenant, err)
		}
	}
	cancel()
	if err := l.of(1).take(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	l.of(1).leave()
	if err := l.of(1).take(t.Context()); err != nil {
		t.Error(err)
	}
}
