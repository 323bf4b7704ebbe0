package vault

import (
	"runtime"
	"sync"

	"github.com/klauspost/compress/zstd"

	"github.com/ficushealth/ficus/engine/vault/zdict"
)

// codec compresses with the dictionary. Its tables take a while to build, so a vault has one.
type codec struct {
	enc  *zstd.Encoder
	dec  *zstd.Decoder
	pool sync.Pool // of *work
}

// largest is the longest text that is opened: far beyond any limit of the server.
const largest = 1 << 30

func newCodec() (*codec, error) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderDict(zdict.R4()), zstd.WithEncoderLevel(zstd.SpeedFastest),
		zstd.WithEncoderConcurrency(runtime.GOMAXPROCS(0)), zstd.WithEncoderCRC(false), zstd.WithWindowSize(1<<20),
		zstd.WithLowerEncoderMem(true))
	if err != nil {
		return nil, err
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderDicts(zdict.R4()), zstd.WithDecoderConcurrency(0),
		zstd.WithDecoderMaxMemory(largest), zstd.WithDecoderLowmem(true))
	return &codec{enc: enc, dec: dec}, err
}

// work is the memory that one Seal or Open uses and the next one finds again.
type work struct {
	text []byte // compressed
	ad   []byte
}

func (c *codec) begin() *work {
	if w, ok := c.pool.Get().(*work); ok {
		return w
	}
	return &work{ad: make([]byte, 0, adSize)}
}

// done keeps the memory, unless one large text has made it grow.
func (c *codec) done(w *work) {
	if cap(w.text) <= 1<<20 {
		c.pool.Put(w)
	}
}

// shortest is the length from which compressing is tried.
const shortest = 32

// deflate gives the smaller of plain and its compressed form. The result is valid until done.
func (c *codec) deflate(w *work, plain []byte) (format byte, text []byte) {
	if len(plain) < shortest {
		return formatPlain, plain
	}
	w.text = c.enc.EncodeAll(plain, w.text[:0])
	if len(w.text) >= len(plain) {
		return formatPlain, plain
	}
	return formatZstd, w.text
}

// inflate appends the text to dst. The text comes out of the cipher, so it is one that deflate made.
func (c *codec) inflate(dst, text []byte) ([]byte, error) { return c.dec.DecodeAll(text, dst) }
