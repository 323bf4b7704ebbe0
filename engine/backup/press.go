package backup

import (
	"encoding/hex"
	"runtime"
	"sync/atomic"

	"github.com/klauspost/compress/zstd"
	"github.com/zeebo/blake3"
)

// press compresses parts side by side and writes them in their order. It holds few of them at a time.
type press struct {
	w       *writer
	enc     *zstd.Encoder
	queue   chan pressing
	free    chan []byte
	broken  chan struct{} // closed when writing has failed
	done    chan struct{}
	err     error // valid once broken or done is closed
	written atomic.Int64
}

type pressing struct {
	entry *Entry
	raw   []byte
	out   chan []byte
}

func newPress(w *writer) (*press, error) {
	n := runtime.GOMAXPROCS(0)
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(n))
	if err != nil {
		return nil, err
	}
	p := &press{w: w, enc: enc, queue: make(chan pressing, n), free: make(chan []byte, 2*n+4), broken: make(chan struct{}), done: make(chan struct{})}
	go p.write()
	return p, nil
}

// buffer gives an empty buffer for a part, before or behind compression; a used one if there is one.
func (p *press) buffer() []byte {
	select {
	case b := <-p.free:
		return b[:0]
	default:
		return make([]byte, 0, partSize+partSize/8)
	}
}

// put takes the next part of a table. The buffer is the press's from then on.
func (p *press) put(e *Entry, raw []byte) error {
	out := make(chan []byte, 1)
	go func() { out <- p.enc.EncodeAll(raw, p.buffer()) }()
	select {
	case p.queue <- pressing{e, raw, out}:
		return nil
	case <-p.broken:
		<-out
		return p.err
	}
}

func (p *press) write() {
	defer close(p.done)
	for x := range p.queue {
		text := <-x.out
		if p.err != nil {
			continue
		}
		if p.err = p.part(x.entry, text); p.err != nil {
			close(p.broken)
		}
		p.reuse(x.raw)
		p.reuse(text)
	}
}

// reuse keeps a buffer for the next part, unless there are enough of them or one row has made it large.
func (p *press) reuse(raw []byte) {
	if cap(raw) > 2*partSize {
		return
	}
	select {
	case p.free <- raw:
	default:
	}
}

func (p *press) part(e *Entry, text []byte) error {
	hash := blake3.Sum256(text)
	name := partName(e.Name, len(e.Parts))
	e.Parts = append(e.Parts, Part{hex.EncodeToString(hash[:]), int64(len(text))})
	p.written.Add(int64(len(text)))
	return p.w.entry(name, text)
}

// end waits until all is written. The press is used up.
func (p *press) end() error {
	close(p.queue)
	<-p.done
	_ = p.enc.Close() // nothing is in it
	return p.err
}
