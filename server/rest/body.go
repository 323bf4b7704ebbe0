package rest

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/klauspost/compress/gzip"

	"github.com/ficushealth/ficus/fault"
)

// body reads the whole body, and gives the rest of the work its time. Faults: as body below.
func (c *call) body(limit int64) ([]byte, error) {
	defer c.clock()
	return body(c.w, c.r, limit)
}

// body reads a whole body, inflated, of at most limit bytes. Faults: TooLarge,
// Unsupported (an unknown encoding), Invalid (bad gzip, a connection that broke off).
func body(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	if r.ContentLength > limit {
		return nil, tooLarge(limit)
	}
	from := http.MaxBytesReader(w, r.Body, limit)
	switch encoding := strings.ToLower(r.Header.Get("Content-Encoding")); encoding {
	case "", "identity":
		return readAll(from, limit, r.ContentLength)
	case "gzip", "x-gzip":
		return inflate(from, limit)
	}
	return nil, fault.New(fault.Unsupported, "the body's Content-Encoding must be gzip or none")
}

func inflate(from io.Reader, limit int64) ([]byte, error) {
	z, err := gzip.NewReader(from)
	if errors.Is(err, gzip.ErrHeader) {
		return nil, fault.New(fault.Invalid, "the body is not gzip, as its Content-Encoding says")
	}
	if err != nil {
		return nil, broken(err, limit)
	}
	defer z.Close() //nolint:errcheck // reading has reported what there is to report
	return readAll(z, limit, -1)
}

func readAll(from io.Reader, limit, size int64) ([]byte, error) {
	var b bytes.Buffer
	if size > 0 {
		b.Grow(int(min(size, limit)) + bytes.MinRead)
	}
	n, err := b.ReadFrom(io.LimitReader(from, limit+1))
	if err != nil {
		return nil, broken(err, limit)
	}
	if n > limit {
		return nil, tooLarge(limit)
	}
	return b.Bytes(), nil
}

func tooLarge(limit int64) error {
	return fault.New(fault.TooLarge, "the body is larger than the %d bytes that this server accepts", limit)
}

func broken(err error, limit int64) error {
	if _, is := errors.AsType[*http.MaxBytesError](err); is {
		return tooLarge(limit)
	}
	return fault.New(fault.Invalid, "the body could not be read to its end")
}
