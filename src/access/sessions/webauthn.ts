// What reads certificates in it wants this first: its own import of it would come too late in one bundle.
import "reflect-metadata";

export * from "@simplewebauthn/server";
