//! The portal's promises.
mod smoke;
