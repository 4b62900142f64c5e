//! Devices and a relay, wired in memory under a clock that only the tests move.

mod behaviour;
mod chaos;
mod device;
mod forks;
mod frames;
mod relay;
mod world;
