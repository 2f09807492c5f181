//! Mounts the page. Everything it shows is in the library, where tests can reach it.

use easy_crm_frontend::{App, remove_boot_screen};

fn main() {
    remove_boot_screen();
    leptos::mount::mount_to_body(App);
}
