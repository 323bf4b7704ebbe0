// Package vault keeps keys and seals what must not be read in the database.
//
// # Keys
//
// The installation key (32 bytes) lies outside the database: in a file with
// mode 0600, made at first use, or in FICUS_KEY (base64). Who loses it loses
// all sealed data, so it is made only for a database that has no keys yet. It
// wraps every other key (Rewrap puts all of them under a new one), which is random and lies in the table vault_key:
//
//	tenant  0 is the installation itself
//	id      the key id that envelopes carry; the highest one seals
//	purpose "seal" (bodies), "derive" (Keys.Derive), "sign" (Ed25519)
//	wrapped nonce and AES-256-GCM of the key, bound to tenant, id and purpose
//	wrapper which installation key wrapped it, so that a wrong one is told
//	created microseconds since 1970 UTC
//
// Keys that sign tokens are pairs (ES256 and RS256), and lie in vault_token, wrapped in
// the same way: a new one is published a day before it signs, and one that signs no more
// is believed for another day (RotateTokens), or not at all (ReplaceTokens).
//
// # Envelope
//
//	1 byte   format: 0 = the plain text as it is, 1 = zstd with dictionary zdict.R4
//	4 bytes  key id, big-endian
//	12 bytes nonce
//	n bytes  AES-256-GCM of the text, with 16 bytes of tag at the end
//
// The additional data of the cipher are the first 5 bytes and AD, so an
// envelope opens only in the place for which it was sealed.
//
// # Promises
//
// Nonces are 96 random bits each. By NIST SP 800-38D (section 8.3) one key may
// seal 2^32 texts that way; Rotate long before. (A counter would allow more, but
// repeats itself when a virtual machine is resumed twice from one snapshot.)
// Sealing and opening are safe for concurrent use and allocate only the result.
// A text that was changed, moved or sealed under a lost key gives
// fault.Internal. Errors hold no keys and no texts.
//
// The length of a sealed text shows how well its plain text compresses. Whoever
// can read the database and make a patient's record contain chosen text could
// learn something about the rest of the same resource from that.
//
// It never stores bodies and never writes the installation key into the
// database.
package vault
