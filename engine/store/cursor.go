package store

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"math"
	"strings"

	"github.com/ficushealth/ficus/fault"
)

// position is a place in an ordered result: the keys of the last resource shown.
type position struct {
	rid  int64
	keys []any // int64, float64 or string, as the order asks
}

// A cursor is a position with the fingerprint of its query, sealed, so that it tells nobody the keys, which may be
// patient data, and can be neither made up nor used for another search. It holds no state of the server. Equal positions
// make equal cursors: the nonce is a MAC of what is sealed.
func (k *tenantKeys) writeCursor(query uint64, at position) string {
	b := binary.LittleEndian.AppendUint64(nil, query)
	b = binary.AppendVarint(b, at.rid)
	for _, key := range at.keys {
		b = appendKey(b, key)
	}
	aead := k.cursorCipher()
	h := hmac.New(sha256.New, k.cursor[:])
	h.Write(b)
	nonce := h.Sum(nil)[:aead.NonceSize()]
	return base64.RawURLEncoding.EncodeToString(aead.Seal(nonce, nonce, b, nil))
}

// cursorCipher has a key of its own, apart from that of the nonces.
func (k *tenantKeys) cursorCipher() cipher.AEAD {
	h := hmac.New(sha256.New, k.cursor[:])
	h.Write([]byte("seal"))
	block, err := aes.NewCipher(h.Sum(nil))
	if err != nil {
		panic(err) // the key has the right length
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err) // AES has the right block size
	}
	return aead
}

func appendKey(b []byte, k any) []byte {
	switch k := k.(type) {
	case int64:
		return binary.AppendVarint(append(b, 'i'), k)
	case float64:
		return binary.LittleEndian.AppendUint64(append(b, 'f'), math.Float64bits(k))
	case string:
		return append(binary.AppendUvarint(append(b, 's'), uint64(len(k))), k...)
	}
	return b
}

func (k *tenantKeys) readCursor(query uint64, text string, keys int) (position, error) {
	if text == "" {
		return position{}, nil
	}
	b, err := unbase64(text)
	aead := k.cursorCipher()
	if err != nil || len(b) < aead.NonceSize() {
		return position{}, badCursor()
	}
	b, err = aead.Open(nil, b[:aead.NonceSize()], b[aead.NonceSize():], nil)
	if err != nil || len(b) < 8 || binary.LittleEndian.Uint64(b) != query {
		return position{}, badCursor()
	}
	return readPosition(b[8:], keys)
}

// unbase64 reads what base64.RawURLEncoding writes, and no other form of the same: the package passes over line breaks.
func unbase64(text string) ([]byte, error) {
	if strings.ContainsAny(text, "\r\n") {
		return nil, badCursor()
	}
	return base64.RawURLEncoding.Strict().DecodeString(text)
}

func readPosition(b []byte, keys int) (position, error) {
	rid, n := binary.Varint(b)
	if n <= 0 {
		return position{}, badCursor()
	}
	at := position{rid: rid}
	for b = b[n:]; len(b) > 0; {
		k, size := readKey(b)
		if size == 0 {
			return position{}, badCursor()
		}
		at.keys, b = append(at.keys, k), b[size:]
	}
	if len(at.keys) != keys {
		return position{}, badCursor()
	}
	return at, nil
}

// readKey reads one key and tells how many bytes it took; 0 if it cannot be read.
func readKey(b []byte) (any, int) {
	switch b[0] {
	case 'i':
		if v, n := binary.Varint(b[1:]); n > 0 {
			return v, 1 + n
		}
	case 'f':
		if len(b) >= 9 {
			return math.Float64frombits(binary.LittleEndian.Uint64(b[1:])), 9
		}
	case 's':
		size, n := binary.Uvarint(b[1:])
		if n > 0 && uint64(len(b)-1-n) >= size {
			return string(b[1+n : 1+n+int(size)]), 1 + n + int(size)
		}
	}
	return nil, 0
}

func badCursor() error {
	return fault.At(fault.Invalid, fault.Issue{Code: "invalid", Expression: "http._cursor",
		Text: "this cursor was not made for this search; begin again without one"})
}
