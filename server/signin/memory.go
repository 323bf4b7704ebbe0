package signin

import (
	"crypto/sha256"
	"sync"
	"time"

	"github.com/ficushealth/ficus/engine/access"
)

// answer is what was found out about a token.
type answer struct {
	principal access.Principal
	expiry    time.Time
	ok        bool
	until     time.Time // when to ask again
}

// memory keeps the answers of at least the last size tokens and at most twice as many:
// when the young generation is full, the old one is dropped. So a flood of made-up
// tokens costs a bounded amount of memory, and a token that is in use survives it.
type memory struct {
	mu         sync.RWMutex
	size       int
	young, old map[[sha256.Size]byte]answer
}

func newMemory(size int) *memory {
	return &memory{size: size, young: map[[sha256.Size]byte]answer{}}
}

func (m *memory) get(hash [sha256.Size]byte) (answer, bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if a, ok := m.young[hash]; ok {
		return a, true
	}
	a, ok := m.old[hash]
	return a, ok
}

func (m *memory) put(hash [sha256.Size]byte, a answer) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.young) >= m.size {
		m.old, m.young = m.young, make(map[[sha256.Size]byte]answer, m.size)
	}
	m.young[hash] = a
}
