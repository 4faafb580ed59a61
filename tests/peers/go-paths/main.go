// How many paths Go's crypto/x509 finds from a certificate, as the MSP of Hyperledger Fabric asks it: roots and
// intermediates from the folders of an MSP, the certificate from a file. Fabric takes it only if there is one
// (msp/mspimpl.go, getUniqueValidationChain: "this MSP only supports a single validation chain").
package main

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
)

func certificates(pattern string) []*x509.Certificate {
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		panic("nothing at " + pattern)
	}
	var out []*x509.Certificate
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			panic(err)
		}
		for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
			one, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				panic(err)
			}
			out = append(out, one)
		}
	}
	return out
}

func main() {
	options := x509.VerifyOptions{
		Roots: x509.NewCertPool(), Intermediates: x509.NewCertPool(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	}
	for _, one := range certificates(os.Args[1]) {
		options.Roots.AddCert(one)
	}
	for _, one := range certificates(os.Args[2]) {
		options.Intermediates.AddCert(one)
	}
	paths, err := certificates(os.Args[3])[0].Verify(options)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(len(paths), "paths")
}
