// Go's crypto/x509 as a judge: reads questions as JSON on standard input, one answer ("" accepts, else why not) a line.
// Go leaves revocation to its callers, so the lists are searched here, each under the signature of its issuer.
package main

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"os"
	"time"
)

type question struct {
	Leaf, Root, Issuing, Purpose, Host string
	Lists                              []string
	At                                 int64
}

var purposes = map[string]x509.ExtKeyUsage{
	"server": x509.ExtKeyUsageServerAuth, "client": x509.ExtKeyUsageClientAuth, "email": x509.ExtKeyUsageEmailProtection,
	"code": x509.ExtKeyUsageCodeSigning, "ocsp": x509.ExtKeyUsageOCSPSigning,
}

func read(path string) []byte {
	text, err := os.ReadFile(path)
	if err != nil {
		panic(err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		panic(path)
	}
	return block.Bytes
}

func certificate(path string) *x509.Certificate {
	out, err := x509.ParseCertificate(read(path))
	if err != nil {
		panic(path + ": " + err.Error())
	}
	return out
}

func revoked(leaf, issuer *x509.Certificate, lists []string) error {
	seen := 0
	for _, path := range lists {
		list, err := x509.ParseRevocationList(read(path))
		if err != nil {
			return err
		}
		if list.CheckSignatureFrom(issuer) != nil {
			continue
		}
		seen++
		for _, entry := range list.RevokedCertificates {
			if entry.SerialNumber.Cmp(leaf.SerialNumber) == 0 {
				return fmt.Errorf("revoked")
			}
		}
	}
	if seen == 0 {
		return fmt.Errorf("no list of the issuer")
	}
	return nil
}

func judge(asked question) error {
	leaf, issuing := certificate(asked.Leaf), certificate(asked.Issuing)
	options := x509.VerifyOptions{
		Roots: x509.NewCertPool(), Intermediates: x509.NewCertPool(), DNSName: asked.Host,
		KeyUsages: []x509.ExtKeyUsage{purposes[asked.Purpose]}, CurrentTime: time.Unix(asked.At, 0),
	}
	options.Roots.AddCert(certificate(asked.Root))
	options.Intermediates.AddCert(issuing)
	if _, err := leaf.Verify(options); err != nil {
		return err
	}
	return revoked(leaf, issuing, asked.Lists)
}

func main() {
	var questions []question
	if err := json.NewDecoder(os.Stdin).Decode(&questions); err != nil {
		panic(err)
	}
	for _, asked := range questions {
		if err := judge(asked); err != nil {
			fmt.Println(err.Error())
		} else {
			fmt.Println()
		}
	}
}
